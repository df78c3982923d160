import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {App, Domain, SniEndpoint} from '../../../../src/lib/schema/resources.js'
import {testAuthority} from '../../../support/certificates.js'
import {eventually} from '../../../support/eventually.js'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

let platform: TestPlatform

beforeEach(async () => {
  platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
})
afterEach(() => platform[Symbol.asyncDispose]())

const run = (command: string) => platform.run(`${command} --app demo`)
const endpoints = () => platform.api<SniEndpoint[]>('GET', '/apps/demo/sni-endpoints')
const shownFor = (host: string) => platform.router.route('demo')?.certificates?.find(one => one.hosts.includes(host))

async function isIssued(host: string): Promise<void> {
  await eventually(async () => expect((await platform.api<Domain>('GET', `/apps/demo/domains/${host}`)).acm_status).toBe('cert issued'))
}

describe('certs:auto', () => {
  it('is off at first', async () => {
    expect((await run('certs:auto')).stdout).toBe('=== Automatic Certificate Management is disabled on demo\n\n')
    expect((await platform.api<App>('GET', '/apps/demo')).acm).toBe(false)
    expect((await run('certs:auto:refresh')).stderr).toContain('Automatic Certificate Management is not enabled on demo.')
  })

  it('gets certificates, tells of them, and takes them away again', async () => {
    await run('domains:add www.shop.example')
    const enabled = await run('certs:auto:enable')
    expect(enabled.stderr).toBe(
      'Enabling Automatic Certificate Management... starting. See status with hokku certs:auto or wait until active with hokku certs:auto --wait\n',
    )
    expect(enabled.stdout).toContain('=== Your certificate will now be managed by hokku. Check the status by running hokku certs:auto.\n')
    await isIssued('www.shop.example')
    const {stdout} = await run('certs:auto --wait')
    expect(stdout).toMatch(
      /^=== Automatic Certificate Management is enabled on demo\n\nRenewal scheduled for \d{4}-\d\d-\d\d \d\d:\d\d UTC\.\n\nCertificate details:\nCommon Name\(s\): www\.shop\.example\n/,
    )
    expect(stdout).toMatch(/\n {2}Domain +Status +Last Updated\n[ ─]+\n {2}www\.shop\.example {3}Cert issued {3}less than a minute\n$/)
    expect((await run('certs')).stdout).toMatch(/ False {5}ACM\n/)
    expect(shownFor('www.shop.example')).toBeDefined()

    expect((await run('certs:auto:disable')).stderr).toContain('This command will disable Automatic Certificate Management from demo.')
    expect((await run('certs:auto:disable --confirm demo')).stderr).toBe('Disabling Automatic Certificate Management... done\n')
    expect(await endpoints()).toEqual([])
    expect(shownFor('www.shop.example')).toBeUndefined()
  })

  it('takes up domains that are added later, and lets those go that are removed', async () => {
    expect((await run('certs:auto:enable --wait')).exitCode).toBe(0)
    expect((await run('certs:auto')).stdout).toContain('=== Add a custom domain to your app by running: hokku domains:add <yourdomain.com>')
    await run('domains:add www.shop.example')
    await isIssued('www.shop.example')
    await run('domains:remove www.shop.example')
    expect(await endpoints()).toEqual([])
  })

  it('tells why a domain has none, and tries again on a refresh', async () => {
    platform.acme.refused.set('www.shop.example', 'Nobody answered under that host')
    await run('certs:auto:enable')
    await run('domains:add www.shop.example')
    await run('domains:add "*.shop.example"')
    await eventually(async () => expect((await run('certs:auto')).stdout).toContain('Failing'))
    const {stdout} = await run('certs:auto')
    expect(stdout).toMatch(/ Domain +Status +Reason +Last Updated\n/)
    expect(stdout).toMatch(/ \*\.shop\.example +Failed +A wildcard needs a certificate of your own \(certs:add\) /)
    expect(stdout).toMatch(/ www\.shop\.example +Failing +Nobody answered under that host /)
    expect(stdout).toContain('=== Some domains failed validation after multiple attempts, retry by running: hokku certs:auto:refresh')
    await run('domains:remove "*.shop.example"')
    expect((await run('certs:auto')).stdout).toContain(
      '=== Some domains are failing validation, please verify that your DNS matches: hokku domains',
    )
    platform.acme.refused.clear()
    expect((await run('certs:auto:refresh')).stderr).toBe('Refreshing Automatic Certificate Management... done\n')
    await isIssued('www.shop.example')
  })

  it('waits until a domain is given up, and fails then', async () => {
    await run('domains:add "*.shop.example"')
    const {exitCode, stderr} = await run('certs:auto:enable --wait')
    expect(exitCode).toBe(1)
    expect(stderr).toContain('ACM not enabled for some domains')
  })

  it('is told as the API tells it with --json', async () => {
    expect(JSON.parse((await run('certs:auto --json')).stdout)).toEqual({acm: false, domains: []})
    await run('certs:auto:enable')
    await run('domains:add www.shop.example')
    await isIssued('www.shop.example')
    const {acm, domains} = JSON.parse((await run('certs:auto --json')).stdout)
    expect(acm).toBe(true)
    expect(domains).toEqual([await platform.api('GET', '/apps/demo/domains/www.shop.example')])
  })
})

describe('a certificate of ACM', () => {
  beforeEach(async () => {
    await run('certs:auto:enable')
    await run('domains:add www.shop.example')
    await isIssued('www.shop.example')
    const {certificate, key} = testAuthority().issue(['www.shop.example'])
    writeFileSync(join(platform.home.root, 'own.pem'), certificate)
    writeFileSync(join(platform.home.root, 'own.key'), key)
  })

  it('makes way for one of the user’s', async () => {
    await run('certs:add own.pem own.key --domains www.shop.example')
    expect((await endpoints()).map(one => one.ssl_cert.acm)).toEqual([false])
    expect(await platform.api<Domain>('GET', '/apps/demo/domains/www.shop.example')).toMatchObject({acm_status: null})
  })

  it('becomes one of the user’s when it is updated', async () => {
    const [{name}] = (await endpoints()) as [SniEndpoint]
    await run('certs:update own.pem own.key --confirm demo')
    expect((await endpoints()).map(one => [one.name, one.ssl_cert.acm])).toEqual([[name, false]])
    await run('certs:auto:disable --confirm demo')
    expect(await endpoints()).toHaveLength(1)
  })

  it('comes again when the user’s is removed', async () => {
    await run('certs:update own.pem own.key --confirm demo')
    await run('certs:remove --confirm demo')
    await isIssued('www.shop.example')
    expect(platform.acme.asked).toEqual(['www.shop.example', 'www.shop.example'])
  })
})

describe('features', () => {
  it('force-https, hsts and http-session-affinity reach the router, and the app’s address has https', async () => {
    await run('features:enable force-https')
    await run('features:enable hsts')
    expect(platform.router.route('demo')).toMatchObject({forceHttps: true, hsts: true})
    expect((await platform.api<App>('GET', '/apps/demo')).web_url).toBe('https://demo.localhost/')
    await run('features:enable http-session-affinity')
    expect(platform.router.route('demo')).toMatchObject({affinity: true})
    await run('features:disable force-https')
    expect(platform.router.route('demo')?.forceHttps).toBeUndefined()
  })
})
