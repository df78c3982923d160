import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {Domain, SniEndpoint} from '../../../../src/lib/schema/resources.js'
import {testAuthority} from '../../../support/certificates.js'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

const authority = testAuthority()
let platform: TestPlatform

beforeEach(async () => {
  platform = await startTestPlatform()
  for (const name of ['demo', 'other']) await platform.api('POST', '/apps', {name})
})
afterEach(() => platform[Symbol.asyncDispose]())

const run = (command: string) => platform.run(`${command} --app demo`)
const hosts = (): string[] => platform.router.route('demo')?.hosts ?? []
const certificates = (): string[][] => (platform.router.route('demo')?.certificates ?? []).map(one => one.hosts)

async function endpointFor(...names: string[]): Promise<SniEndpoint> {
  const {certificate, key} = authority.issue(names)
  return await platform.api<SniEndpoint>('POST', '/apps/demo/sni-endpoints', {certificate_chain: certificate, private_key: key})
}

describe('domains:add', () => {
  it('routes the host and tells where DNS is to point', async () => {
    const {exitCode, stdout, stderr} = await run('domains:add www.shop.example')
    expect({exitCode, stdout, stderr}).toEqual({
      exitCode: 0,
      stdout: "Configure your app's DNS provider to point to the DNS Target demo.localhost.\n",
      stderr: 'Adding www.shop.example to demo... done\n',
    })
    expect(hosts()).toEqual(['demo.localhost', 'www.shop.example'])
  })

  it('makes no release and waits for nothing', async () => {
    await run('domains:add www.shop.example --wait')
    expect(await platform.api<unknown[]>('GET', '/apps/demo/releases')).toHaveLength(2)
  })

  it('takes names in lower case and ASCII', async () => {
    const names: [string, string][] = [
      ['WWW.Shop.Example', 'www.shop.example'],
      ['shop.example.', 'shop.example'],
      ['bücher.example', 'xn--bcher-kva.example'],
      ['*.shop.example', '*.shop.example'],
      ['*.Bücher.example', '*.xn--bcher-kva.example'],
    ]
    for (const [given, hostname] of names) {
      await run(`domains:add ${given}`)
      expect(hosts()).toContain(hostname)
      expect((await run(`domains:info ${given}`)).stdout).toMatch(new RegExp(`^hostname: +${hostname.replace('*', '\\*')}$`, 'm'))
    }
  })

  it('refuses what is no host name', async () => {
    const long = `${'a'.repeat(64)}.example`
    const names = ['shop', 'a b.example', 'a-.example', 'a..example', '1.2.3.4', 'www.*.example', '**.example', '*.', long, 'a_b.example']
    for (const given of names) {
      const {exitCode, stderr} = await platform.run(['domains:add', given, '--app', 'demo'])
      expect([exitCode, stderr.replace(/\s+›\s+/g, ' ')]).toEqual([1, expect.stringContaining(`${given} is not a valid domain name.`)])
    }
  })

  it('refuses a host that an app has, and those that are apps’ own', async () => {
    await run('domains:add www.shop.example')
    expect((await run('domains:add www.shop.example')).stderr).toContain('www.shop.example is already added to this app.')
    expect((await platform.run('domains:add www.shop.example --app other')).stderr).toContain(
      'Domain www.shop.example is currently in use by another app.',
    )
    expect((await run('domains:add mine.localhost')).stderr).toContain("mine.localhost is reserved for apps' default domains.")
  })

  it('takes a certificate by its name, if it is for that host', async () => {
    const {name} = await endpointFor('shop.example', '*.shop.example')
    await run(`domains:add www.shop.example --cert ${name}`)
    expect((await run('domains')).stdout).toMatch(new RegExp(`www\\.shop\\.example +CNAME +demo\\.localhost +${name}`))
    const wrong = await run(`domains:add www.other.example --cert ${name}`)
    expect(wrong.stderr).toContain(`The certificate ${name} is not for www.other.example.`)
    expect((await run('domains:add www.other.example --cert nowhere-1')).stderr).toContain("Couldn't find that SNI endpoint.")
    expect(hosts()).not.toContain('www.other.example')
  })

  it('gives hosts for tests a certificate of the local authority', async () => {
    await run('domains:add www.shop.test')
    await run('domains:add www.shop.example')
    expect(certificates()).toEqual([['demo.localhost'], ['www.shop.test']])
  })

  it('stops at a thousand', async () => {
    const {domains} = platform.runtime.services
    const app = await platform.api<{id: string}>('GET', '/apps/demo')
    platform.runtime.store.transaction(() => {
      for (let index = 0; index < 1000; index += 1) domains.add(app.id, `d${index}.shop.example`)
    })
    expect((await run('domains:add one.more.example')).stderr).toContain('An app can have 1000 domains at most.')
  })
})

describe('domains:update', () => {
  it('shows a domain with another certificate', async () => {
    const [one, two] = [await endpointFor('*.shop.example'), await endpointFor('www.shop.example')]
    await run(`domains:add www.shop.example --cert ${one.name}`)
    const {stderr} = await run(`domains:update www.shop.example --cert ${two.name}`)
    expect(stderr).toBe(`Updating www.shop.example to use ${two.name} certificate... done\n`)
    const domain = await platform.api<Domain>('GET', '/apps/demo/domains/www.shop.example')
    expect(domain.sni_endpoint).toEqual({id: two.id, name: two.name})
    expect(certificates()).toEqual([['demo.localhost'], ['www.shop.example']])
    expect((await run('domains:update nobody.example --cert x')).stderr).toContain("Couldn't find that")
  })
})

describe('domains:wait', () => {
  it('has nothing to wait for', async () => {
    await run('domains:add www.shop.example')
    expect(await run('domains:wait')).toEqual({exitCode: 0, stdout: '', stderr: ''})
    expect((await run('domains:wait www.shop.example')).stderr).toBe('Waiting for www.shop.example... done\n')
    expect((await run('domains:wait nobody.example')).exitCode).toBe(1)
  })
})

describe('domains:info', () => {
  it('tells what the API tells', async () => {
    await run('domains:add www.shop.example')
    expect(JSON.parse((await run('domains:info www.shop.example --json')).stdout)).toEqual(
      await platform.api('GET', '/apps/demo/domains/www.shop.example'),
    )
    expect((await run('domains:info demo.localhost')).stdout).toMatch(/^kind: +heroku$/m)
    expect((await run('domains:info nobody.example')).stderr).toContain("Couldn't find that domain name.")
  })
})

describe('domains:remove and domains:clear', () => {
  it('take hosts out of the table', async () => {
    for (const host of ['a.example', 'b.example', 'c.example']) await run(`domains:add ${host}`)
    expect((await run('domains:remove A.example')).stderr).toBe('Removing A.example from demo... done\n')
    expect(hosts()).toEqual(['demo.localhost', 'b.example', 'c.example'])
    expect((await run('domains:clear')).stderr).toContain('To proceed, re-run this command with --confirm demo.')
    expect(hosts()).toHaveLength(3)
    expect((await run('domains:clear --confirm demo')).stderr).toBe('Removing all domains from demo... done\n')
    expect(hosts()).toEqual(['demo.localhost'])
    expect((await run('domains:clear')).exitCode).toBe(0)
  })
})
