import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {SniEndpoint} from '../../../../src/lib/schema/resources.js'
import {intermediate, leaf, leafKey, root} from '../../../support/certificate-chain.js'
import {days, testAuthority} from '../../../support/certificates.js'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

const authority = testAuthority()
let platform: TestPlatform

beforeEach(async () => {
  platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
  write('chain.pem', intermediate + leaf)
  write('key.pem', leafKey)
})
afterEach(() => platform[Symbol.asyncDispose]())

function write(name: string, text: string): void {
  writeFileSync(join(platform.home.root, name), text)
}

const run = (command: string) => platform.run(`${command} --app demo`)
const endpoints = () => platform.api<SniEndpoint[]>('GET', '/apps/demo/sni-endpoints')
const shownFor = (host: string) => platform.router.route('demo')?.certificates?.find(one => one.hosts.includes(host))

async function added(): Promise<SniEndpoint> {
  await run('certs:add chain.pem key.pem')
  return (await endpoints())[0] as SniEndpoint
}

const details = `Common Name(s): example.com
                *.example.com
Expires At:     2126-`

describe('certs', () => {
  it('says how to get one', async () => {
    expect((await run('certs')).stdout).toBe('demo has no SSL certificates.\nUse hokku certs:add CRT KEY to add one.\n')
    expect((await run('certs:info')).stderr).toContain('demo has no SSL certificates')
  })

  it('lists name, hosts, expiry, trust, type and how many domains', async () => {
    const {name} = await added()
    await run(`domains:add www.example.com --cert ${name}`)
    const [header, , row] = (await run('certs')).stdout.split('\n')
    expect(header?.trim().split(/ {2,}/)).toEqual(['Name', 'Common Name(s)', 'Expires', 'Trusted', 'Type', 'Domains'])
    expect(row?.trim().split(/ {2,}/)).toEqual([
      name,
      'example.com, *.example.com',
      expect.stringMatching(/^2126-\d\d-\d\d \d\d:\d\d UTC$/),
      'False',
      'SNI',
      '1',
    ])
    expect(JSON.parse((await run('certs --json')).stdout)).toEqual(await endpoints())
  })
})

describe('certs:add', () => {
  it('takes a chain in any order, shows what it is, and names it', async () => {
    const {exitCode, stdout, stderr} = await run('certs:add chain.pem key.pem')
    expect(exitCode).toBe(0)
    expect(stderr).toBe('Adding SSL certificate to demo... done\n')
    expect(stdout).toContain(`Certificate details:\n${details}`)
    expect(stdout).toMatch(
      /Issuer: {9}\/O=Fixture\/CN=Fixture Intermediate\n.*\nSubject: {8}\/C=US\/O=Fixture\/CN=example\.com\nSSL certificate is not trusted\.\n$/,
    )
    const [endpoint] = await endpoints()
    expect(endpoint).toMatchObject({certificate_chain: leaf + intermediate, name: expect.stringMatching(/^[a-z]+-\d{5}$/), domains: []})
    expect(JSON.stringify(endpoint)).not.toContain('PRIVATE KEY')
  })

  it('shows the domains with it that it is for and that have none', async () => {
    for (const host of ['www.example.com', 'example.com', 'a.b.example.com', 'example.org']) await run(`domains:add ${host}`)
    const {name} = await added()
    const domains = (await run('certs:info --show-domains')).stdout
    expect(domains).toMatch(/Domain\(s\): {6}example\.com\n {16}www\.example\.com\n/)
    expect(shownFor('www.example.com')?.pem).toContain(leaf.trim())
    expect(shownFor('example.org')).toBeUndefined()
    const {stderr} = await run('certs:add chain.pem key.pem')
    expect(stderr).not.toContain('Updating')
    expect((await run('certs:info --endpoint www.example.com')).stderr).toContain(`Fetching SSL certificate ${name} info`)
  })

  it('shows those it is told to', async () => {
    for (const host of ['www.example.com', 'example.com']) await run(`domains:add ${host}`)
    await run('certs:add chain.pem key.pem --domains example.com')
    expect(shownFor('example.com')).toBeDefined()
    expect(shownFor('www.example.com')).toBeUndefined()
  })

  it('keeps the key sealed', async () => {
    await added()
    const stored = JSON.stringify(platform.runtime.store.all('SELECT * FROM sni_endpoints'))
    expect(stored).toContain('BEGIN CERTIFICATE')
    expect(stored).not.toContain(leafKey.split('\n')[1])
  })

  it('says what is wrong, and adds nothing', async () => {
    const old = authority.issue(['old.example'], days(20, -1))
    write('old.pem', old.certificate)
    write('old.key', old.key)
    const wrong: [string, string][] = [
      ['chain.pem old.key', 'The private key does not belong to any of the certificates given.'],
      ['old.pem old.key', 'The certificate expired on '],
      ['key.pem chain.pem', 'No certificate was given'],
      ['nothing.pem key.pem', 'nothing.pem cannot be read: ENOENT.'],
    ]
    for (const [files, message] of wrong) {
      const {exitCode, stderr} = await run(`certs:add ${files}`)
      expect([exitCode, stderr.replace(/\s+›\s+/g, ' ')]).toEqual([1, expect.stringContaining(message)])
    }
    expect(await endpoints()).toEqual([])
  })
})

describe('certs:update', () => {
  it('replaces the certificate under its name, when it is still for its domains', async () => {
    const {name} = await added()
    await run(`domains:add www.example.com --cert ${name}`)
    const before = shownFor('www.example.com')
    const wide = authority.issue(['www.example.com', 'new.example.com'])
    const narrow = authority.issue(['new.example.com'])
    for (const [file, {certificate, key}] of Object.entries({wide, narrow})) {
      write(`${file}.pem`, certificate)
      write(`${file}.key`, key)
    }
    expect((await run('certs:update wide.pem wide.key')).stderr).toContain('re-run this command with --confirm demo.')
    const refused = await run('certs:update narrow.pem narrow.key --confirm demo')
    expect(refused.stderr).toContain(`The certificate is not for www.example.com, which is shown with ${name}.`)
    expect(shownFor('www.example.com')).toBe(before)
    const {stdout, stderr} = await run('certs:update wide.pem wide.key --confirm demo')
    expect(stderr).toBe(`Updating SSL certificate ${name} for demo... done\n`)
    expect(stdout).toContain('Updated certificate details:\nCommon Name(s): www.example.com\n                new.example.com\n')
    expect(shownFor('www.example.com')?.pem).toContain(wide.certificate.trim())
    expect((await endpoints()).map(one => one.name)).toEqual([name])
  })
})

describe('certs:remove', () => {
  it('leaves domains without a certificate', async () => {
    const {name} = await added()
    await run(`domains:add www.example.com --cert ${name}`)
    expect((await run('certs:remove')).stderr).toContain('WARNING: Destructive Action - you cannot rollback this change')
    expect((await run('certs:remove --confirm demo')).stderr).toBe(`Removing SSL certificate ${name} from demo... done\n`)
    expect(await endpoints()).toEqual([])
    expect(shownFor('www.example.com')).toBeUndefined()
  })

  it('asks which, when there are several', async () => {
    const {name} = await added()
    await added()
    expect((await run('certs:remove --confirm demo')).stderr).toContain('Must pass --name when more than one endpoint')
    expect((await run('certs:remove --name nowhere-1 --confirm demo')).stderr).toContain('Record not found.')
    expect((await run('certs:remove --name a --endpoint b --confirm demo')).stderr).toContain('Specified both --name and --endpoint')
    await run(`certs:remove --name ${name} --confirm demo`)
    expect((await endpoints()).map(one => one.name)).not.toContain(name)
  })
})

describe('certs:chain', () => {
  it('prints certificates in order, and what is missing', async () => {
    write('all.pem', root + intermediate)
    write('leaf.pem', leaf)
    expect(await platform.run('certs:chain all.pem leaf.pem')).toEqual({exitCode: 0, stdout: leaf + intermediate, stderr: ''})
    const short = await platform.run('certs:chain leaf.pem')
    expect(short.stdout).toBe(leaf)
    expect(short.stderr).toContain('the certificate of /O=Fixture/CN=Fixture Intermediate is missing')
  })
})

it('an app that is destroyed takes its certificates with it', async () => {
  await added()
  await run('apps:destroy --confirm demo')
  expect(platform.runtime.store.all('SELECT * FROM sni_endpoints')).toEqual([])
})
