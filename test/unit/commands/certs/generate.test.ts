import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {SniEndpoint} from '../../../../src/lib/schema/resources.js'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

/** Where there is none, the command says so: nothing else to be seen. */
const openssl = ((): boolean => {
  try {
    execFileSync('openssl', ['version'], {stdio: 'ignore'})
    return true
  } catch {
    return false
  }
})()
if (!openssl) console.warn('SKIPPED: certs:generate: openssl is not installed')

let platform: TestPlatform

beforeAll(async () => {
  platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
})
afterAll(() => platform[Symbol.asyncDispose]())

const run = (command: string) => platform.run(`${command} --app demo`)
const file = (name: string): string => readFileSync(join(platform.home.root, name), 'utf8')

describe.skipIf(!openssl)('certs:generate', () => {
  it('makes a self-signed certificate that certs:add takes', async () => {
    const {exitCode, stderr} = await run('certs:generate www.shop.example --selfsigned --owner "A/B Inc" --country NO')
    expect(exitCode).toBe(0)
    expect(stderr).toContain(
      'Your key and self-signed certificate have been generated.\nNext, run:\n$ hokku certs:add www.shop.example.crt www.shop.example.key\n',
    )
    expect((await run('certs:add www.shop.example.crt www.shop.example.key')).stdout).toContain('SSL certificate is self signed.')
    const [endpoint] = await platform.api<SniEndpoint[]>('GET', '/apps/demo/sni-endpoints')
    expect(endpoint?.ssl_cert).toMatchObject({cert_domains: ['www.shop.example'], subject: '/C=NO/O=A/B Inc/CN=www.shop.example'})
  })

  it('makes a request for an authority, and names the command for what it answers', async () => {
    const {stderr} = await run('certs:generate www.shop.example --now')
    expect(stderr).toContain("Submit the CSR in 'www.shop.example.csr' to your preferred certificate authority.")
    expect(stderr).toContain('$ hokku certs:update CERTFILE www.shop.example.key')
    expect(file('www.shop.example.csr')).toContain('BEGIN CERTIFICATE REQUEST')
  })

  it('asks for the owner, so it needs a terminal or --now', async () => {
    expect(await run('certs:generate other.example')).toMatchObject({exitCode: 2, stderr: expect.stringContaining('There is no terminal')})
  })
})
