import {expect, test} from 'vitest'
import {toDockerfile} from '../../../../src/lib/runtime/slugs/dockerfile.js'
import {plan, step} from './plans.js'

const exported = (trust: 'host-ca' | 'none'): string[] => {
  const dockerfile = toDockerfile([plan({build: [step('build')]})], {run: 'r', build: 'b'}, {}, trust)
  return [...dockerfile.matchAll(/(\w+)=\/run\/hokku\/ca/g)].map(([, name]) => name as string)
}

test('a step trusts what the host trusts, by the settings of the clients that it may run', () => {
  expect(exported('host-ca')).toEqual(expect.arrayContaining(['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'GIT_SSL_CAINFO', 'PIP_CERT']))
  expect(exported('none')).toEqual([])
})

test('npm trusts through Node.js: by its own setting every connection would read all certificates again', () => {
  expect(exported('host-ca').map(name => name.toLowerCase())).not.toContain('npm_config_cafile')
})
