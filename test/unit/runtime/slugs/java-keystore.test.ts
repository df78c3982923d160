import {createHash, X509Certificate} from 'node:crypto'
import {rootCertificates} from 'node:tls'
import {expect, test} from 'vitest'
import {toDockerfile} from '../../../../src/lib/runtime/slugs/dockerfile.js'
import {toKeystore} from '../../../../src/lib/runtime/slugs/java-keystore.js'
import {inContext} from '../../../../src/lib/runtime/slugs/plan-context.js'
import {plan, step} from './plans.js'

const [first = '', second = ''] = rootCertificates

/** As Java reads it: magic, version, count, then tag, alias, date, type and DER of each; the digest last. */
function entriesOf(keystore: Buffer): Buffer[] {
  expect(keystore.subarray(0, 8).toString('hex')).toBe('feedfeed00000002')
  const found: Buffer[] = []
  let at = 12
  while (at < keystore.length - 20) {
    expect(keystore.readUInt32BE(at)).toBe(2)
    at += 6 + keystore.readUInt16BE(at + 4) + 8
    at += 2 + keystore.readUInt16BE(at)
    found.push(keystore.subarray(at + 4, at + 4 + keystore.readUInt32BE(at)))
    at += 4 + keystore.readUInt32BE(at)
  }
  expect(found).toHaveLength(keystore.readUInt32BE(8))
  return found
}

test('Java’s keystore has every certificate of the bundle, and nothing that is none', () => {
  const broken = '-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n'
  const keystore = toKeystore(`# comment\n${first}\n${broken}${second}\n`)
  expect(entriesOf(keystore)).toEqual([first, second].map(pem => new X509Certificate(pem).raw))
  const secret = Buffer.concat([Buffer.from('changeit', 'utf16le').swap16(), Buffer.from('Mighty Aphrodite')])
  const digest = createHash('sha1').update(secret).update(keystore.subarray(0, -20)).digest()
  expect(keystore.subarray(-20)).toEqual(digest)
})

test('steps of a plan with a keystore, and of those after it, find the host’s certificates there', () => {
  const plans = [plan({build: [step('before')]}), plan({keystore: '/jdk/cacerts', build: [step('its')]}), plan({build: [step('after')]})]
  const mounts = (trust: 'host-ca' | 'none') =>
    toDockerfile(inContext(plans, {stack: 'heroku-24', appId: 'a'}), {run: 'r', build: 'b'}, {}, trust)
      .split('\n')
      .filter(line => line.startsWith('RUN'))
      .map(line => line.includes('--mount=type=secret,id=ca-java,target=/jdk/cacerts,'))
  expect(mounts('host-ca')).toEqual([false, true, true])
  expect(mounts('none')).toEqual([false, false, false])
})
