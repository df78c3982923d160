import {createHash} from 'node:crypto'
import {readdir, readFile, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {eventually} from '../../../../support/eventually.js'
import {type FakePartner, type Json, obliging, type PartnerRequest} from '../../../../support/fake-partner.js'
import {hastyClock} from '../../../../support/fast-clock.js'
import {type PartnerWorld, partnerWorld} from '../../../../support/partner-world.js'
import type {TestPlatform} from '../../../../support/platform.js'

let world: PartnerWorld
let platform: TestPlatform
let partner: FakePartner
beforeEach(async () => {
  world = await partnerWorld({clock: hastyClock})
  ;({platform, partner} = world)
})
afterEach(() => world[Symbol.asyncDispose]())

describe('a manifest with api/production', () => {
  test('becomes a service of its plans, whose secrets are nowhere to be read', async () => {
    const secret = await world.install()
    expect(secret).toMatch(/^[0-9a-f-]{36}$/)
    expect((await platform.run('addons:services')).stdout).toMatch(/acme\s+Acme\s+beta/)
    expect((await platform.run('addons:plans acme')).stdout).toMatch(/acme:premium\s+Premium\s+~\$0\.017\/hour\s+\$12\.50\/month/)
    expect((await platform.run('addons:installed')).stdout).toMatch(/acme\s+Acme\s+127\.0\.0\.1:\d+/)
    const installed = (await platform.run('addons:installed --json')).stdout
    expect(JSON.parse(installed)).toMatchObject([{name: 'acme', partner: {base_url: `${partner.url}/heroku/resources`}}])
    const files = await readdir(join(platform.home.services, 'acme'))
    const texts = await Promise.all(files.map(name => readFile(join(platform.home.services, 'acme', name), 'utf8')))
    for (const text of [...texts, installed])
      for (const one of ['the-partners-password', 'the-partners-salt', secret]) expect(text).not.toContain(one)
    // Another installation keeps what the partner was told.
    expect(await world.install()).toBe(secret)
  })

  test('is refused with every fault at its path', async () => {
    await writeFile(
      join(world.folder, 'addon-manifest.json'),
      JSON.stringify(
        partner.manifest(value => {
          value.api.production.base_url = 'http://acme.example.com/heroku/resources'
          value.api.config_vars = 'ACME_URL'
        }),
      ),
    )
    const {stderr, exitCode} = await platform.run(['addons:install', join(world.folder, 'addon-manifest.json')])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('api/production/base_url: should be an https URL, unless it is on this machine')
    expect(stderr).toContain('api/config_vars: ')
    await writeFile(join(world.folder, 'addon-manifest.json'), JSON.stringify(partner.manifest(value => delete value.api.password)))
    expect((await platform.run(['addons:install', world.folder])).stderr).toContain('api/password: should be the secret')
    expect((await platform.run('addons:installed --json')).stdout.trim()).toBe('[]')
  })
})

describe('provisioning', () => {
  test('asks as Heroku does, and sets what the partner answers', async () => {
    await world.install()
    const {stdout, stderr} = await platform.run('addons:create acme:basic --app demo --name db -- --size=big')
    expect(stderr).toContain('Creating acme:basic on demo... free')
    expect(stdout).toContain('Created db as ACME_URL')
    expect(stdout).toContain('Welcome.')
    const [request] = partner.requests
    const {id} = world.addon()
    expect(request).toMatchObject({method: 'POST', path: '/heroku/resources'})
    expect(request?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('acme:the-partners-password').toString('base64')}`,
      accept: 'application/vnd.heroku-addons+json; version=3',
      'content-type': 'application/json',
    })
    expect(request?.body).toEqual({
      callback_url: expect.stringMatching(new RegExp(`^http://127\\.0\\.0\\.1:\\d+/addons/${id}$`)),
      name: 'db',
      oauth_grant: {code: expect.stringMatching(/^[0-9a-f-]{36}$/), expires_at: expect.any(String), type: 'authorization_code'},
      options: {size: 'big'},
      plan: 'basic',
      region: 'amazon-web-services::us-east-1',
      uuid: id,
      log_drain_token: expect.stringMatching(/^d\.[0-9a-f-]{36}$/),
    })
    expect(await world.config('ACME_URL')).toBe(`acme://${id}`)
    await platform.runtime.services.addons.idle()
    expect(await world.releases()).toEqual(['Attach ACME (@ref:db)', '@ref:db completed provisioning, setting ACME_URL, ACME_TOKEN.'])
    // A second attachment has names of its own.
    await platform.run('addons:attach db --as SPARE --app demo')
    expect(await world.config('SPARE_URL')).toBe(`acme://${id}`)
    const everything = JSON.stringify(platform.runtime.store.all('SELECT * FROM partner_addons'))
    expect(everything).not.toContain('acme://')
  })

  test('that is refused ends with the words of the partner, and nothing is left', async () => {
    await world.install()
    partner.behave(() => ({status: 422, body: {message: 'Acme is sold out in your region.'}}))
    const {stderr, exitCode} = await platform.run('addons:create acme --app demo')
    expect(stderr).toContain('Acme is sold out in your region.')
    expect(exitCode).toBe(1)
    expect(platform.runtime.services.addons.list()).toEqual([])
    expect(await world.config('ACME_URL')).toBe('')
    // It never had one.
    expect(partner.requests.map(one => one.method)).toEqual(['POST'])
  })

  test('by a partner that sets what its manifest does not name fails, and the partner hears the end of it', async () => {
    await world.install()
    partner.behave(request => (request.method === 'POST' ? {status: 201, body: {id: 7, config: {SECRET: 'x'}}} : {status: 204}))
    expect((await platform.run('addons:create acme --app demo')).stderr).toContain('acme set SECRET, which its manifest does not name')
    await eventually(() => expect(partner.requests.map(one => one.method)).toEqual(['POST', 'DELETE']))
  })

  test('by a partner that never stops talking fails', async () => {
    await world.install()
    partner.behave(request => (request.method === 'POST' ? {status: 200, body: {message: 'x'.repeat(2 << 20)}} : {status: 204}))
    expect((await platform.run('addons:create acme --app demo')).stderr).toContain('the answer has more than 1 MB')
  })

  test('by a partner that answers with its fault is tried again, with the same id', async () => {
    await world.install()
    partner.behave(request => (partner.requests.length < 3 ? {status: 503} : obliging(request)))
    expect((await platform.run('addons:create acme --app demo')).stdout).toContain('Created acme-')
    expect(new Set(partner.requests.map(one => one.body['uuid']))).toEqual(new Set([world.addon().id]))
    expect(partner.requests).toHaveLength(3)
  })

  test('opens a log drain of the partner, which goes with the add-on alone', async () => {
    await world.install()
    partner.behave(request => {
      const reply = obliging(request)
      return request.method === 'POST' ? {...reply, body: {...(reply.body as object), log_drain_url: `${partner.url}/logs`}} : reply
    })
    await platform.run('addons:create acme --app demo')
    const [drain] = await platform.api<Json[]>('GET', '/apps/demo/log-drains')
    const token = partner.requests[0]?.body['log_drain_token']
    expect(drain).toMatchObject({url: `${partner.url}/logs`, token, addon: {name: world.addon().name, app: {name: 'demo'}}})
    expect((await platform.run(`drains:remove ${drain.id} --app demo`)).stderr).toContain('can only be removed by removing the add-on')
    await platform.run(`addons:destroy ${world.addon().name} --confirm demo`)
    expect(await platform.api('GET', '/apps/demo/log-drains')).toEqual([])
  })
})

test('a partner that may write into the log of its app does so as into logplex', async () => {
  await world.install(value => value.api.requires.push('log_input'))
  await platform.run('addons:create acme --app demo')
  const {log_input_url: address} = (partner.requests[0] as PartnerRequest).body
  const {pathname, username, password} = new URL(address)
  const frames = [
    '<134>1 2026-11-30T01:02:03.000+00:00 host app acme - Grüße, twice as much',
    '<134>1 2026-11-30T01:02:04Z host acme web.1 7 done\n',
  ]
  const post = (token: string, text: string | Buffer<ArrayBuffer>) =>
    platform.runtime.api.fetch(
      new Request(`http://127.0.0.1${pathname}`, {
        method: 'POST',
        headers: {Host: '127.0.0.1', Authorization: `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}`},
        body: text,
      }),
      {trusted: false} as never,
    )
  const framed = frames.map(one => `${Buffer.byteLength(one)} ${one}`).join('')
  expect((await post(password, framed)).status).toBe(204)
  const {stdout} = await platform.run('logs --app demo')
  expect(stdout).toContain(' app[acme]: Grüße, twice as much\n')
  expect(stdout).toContain(' app[acme]: done\n')
  // Lengths are of what was sent, also where that is no UTF-8.
  const latin = Buffer.from('46 <134>1 2026-11-30T01:02:05Z h acme a - - Gr\xfc\xdfe', 'latin1')
  expect((await post(password, Buffer.concat([latin, Buffer.from(framed)]))).status).toBe(204)
  expect((await platform.run('logs --app demo')).stdout.match(/ app\[acme\]: (Gr\ufffd\ufffde|done)\n/g)).toHaveLength(3)
  expect((await post(`${password.slice(0, -1)}x`, framed)).status).toBe(401)
  expect(await (await post(password, framed.slice(0, -3))).text()).toContain(
    'Message 2 does not begin with its length in bytes, or is cut short',
  )
})

describe('a partner that takes its time', () => {
  const async_ = (request: {method: string}) => ({status: request.method === 'POST' ? 202 : 204, body: {}})

  test('gets tokens for its grant, sets config vars without a release, and says when it is ready', async () => {
    const secret = await world.install()
    partner.behave(async_)
    const {stdout} = await platform.run('addons:create acme --app demo --no-wait')
    expect(stdout).toContain('is being created in the background')
    const id = world.addon().id
    const token = await world.exchanged(secret)
    expect((await world.call('GET', `/addons/${id}`, {token})).body).toMatchObject({id, state: 'provisioning', app: {name: 'demo'}})
    const wish = {
      config: [
        {name: 'ACME_URL', value: 'acme://later'},
        {name: 'TOKEN', value: 't'},
      ],
    }
    expect((await world.call('PATCH', `/addons/${id}/config`, {token, body: wish})).body).toEqual([
      {name: 'ACME_URL', value: 'acme://later'},
      {name: 'ACME_TOKEN', value: 't'},
    ])
    expect(await world.config('ACME_URL')).toBe('')
    expect(await world.releases()).toHaveLength(1)
    const {status, body} = await world.call('POST', `/addons/${id}/actions/provision`, {token})
    expect([status, body.state]).toEqual([200, 'provisioned'])
    await platform.runtime.services.addons.idle()
    expect(await world.releases()).toHaveLength(2)
    expect(await world.config('ACME_URL')).toBe('acme://later')
    // From now on its changes are releases.
    const change = {
      config: [
        {name: 'ACME_TOKEN', value: null},
        {name: 'ACME_URL', value: 'acme://moved'},
      ],
    }
    expect((await world.call('PATCH', `/addons/${id}/config`, {token, body: change})).body).toEqual([
      {name: 'ACME_URL', value: 'acme://moved'},
    ])
    expect((await world.releases()).at(-1)).toBe('Update ACME by acme')
    expect((await world.call('PATCH', `/addons/${id}/config`, {token, body: {config: [{name: 'OTHER', value: 'x'}]}})).status).toBe(422)
  })

  test('may give up, and the app learns of it', async () => {
    const secret = await world.install()
    partner.behave(async_)
    await platform.run('addons:create acme --app demo --no-wait')
    const {id, name} = world.addon()
    const token = await world.exchanged(secret)
    const {body} = await world.call('POST', `/addons/${id}/actions/deprovision`, {token})
    expect(body.state).toBe('deprovisioned')
    expect(platform.runtime.services.addons.list()).toEqual([])
    await platform.runtime.services.addons.idle()
    expect((await platform.run('logs --app demo')).stdout).toContain(`@ref:${name} failed to provision: acme could not provision it`)
  })

  test('may take its time with the end as well', async () => {
    const secret = await world.install()
    await platform.run('addons:create acme --app demo')
    const {id, name} = world.addon()
    partner.behave(() => ({status: 202}))
    const token = await world.exchanged(secret)
    expect((await platform.run(`addons:destroy ${name} --confirm demo`)).stdout).toContain(`${name} is being destroyed in the background.`)
    expect(await world.config('ACME_URL')).toBe('')
    expect((await world.call('POST', `/addons/${id}/actions/deprovision`, {token})).body.state).toBe('deprovisioned')
    expect((await world.call('GET', `/addons/${id}`, {token})).status).toBe(401)
  })
})

describe('a change of plan', () => {
  test('is the partner’s to allow', async () => {
    await world.install()
    await platform.run('addons:create acme:basic --app demo --name mine')
    partner.behave(() => ({status: 422, body: {message: 'Too much data for that plan.'}}))
    const refused = await platform.run('addons:upgrade mine acme:premium --app demo')
    expect(refused.stderr).toContain('Too much data for that plan.')
    expect(world.addon().plan).toBe('basic')
    partner.behave(obliging)
    await platform.run('addons:upgrade mine acme:premium --app demo')
    expect(world.addon().plan).toBe('premium')
    expect(partner.requests.at(-1)).toMatchObject({method: 'PUT', path: `/heroku/resources/${world.addon().id}`, body: {plan: 'premium'}})
  })
})

describe('single sign-on', () => {
  test('posts a form that the partner can trust', async () => {
    await world.install()
    partner.behave(request => (request.method === 'POST' ? {status: 200, body: {id: 'acme-7', config: {}}} : {status: 204}))
    await platform.run('addons:create acme --app demo --name mine')
    const id = world.addon().id
    const {token: bearer} = platform.runtime.services
    expect((await world.call('GET', '/addons/mine', {token: bearer})).body.provider_id).toBe('acme-7')
    const {method, action, params} = (await world.call('GET', '/apps/demo/addons/mine/sso', {token: bearer})).body
    expect([method, action]).toEqual(['post', `${partner.url}/sso/login`])
    const sha = (of: string) => createHash('sha1').update(`${of}:the-partners-salt:${params.timestamp}`).digest('hex')
    expect(params).toMatchObject({resource_id: id, resource_token: sha(id), id: 'acme-7', token: sha('acme-7'), app: 'demo'})
    expect(params.email).toBe(platform.runtime.services.account.email)
    expect(Math.abs(Number(params.timestamp) - Date.now() / 1000)).toBeLessThan(60)
    // Heroku's CLI opens `web_url`.
    const {web_url: web} = (await world.call('GET', '/addons/mine', {token: bearer})).body
    const get = (path: string) =>
      platform.runtime.api.fetch(new Request(`http://127.0.0.1${path}`, {headers: {Host: '127.0.0.1'}}), {trusted: false} as never)
    const {pathname} = new URL(web)
    expect(await (await get(pathname)).text()).toContain(`name="resource_id" value="${id}"`)
    expect((await get(pathname.replace(/.$/, last => (last === '0' ? '1' : '0')))).status).toBe(404)
    const {stdout} = await platform.run('addons:open mine --app demo --show-url')
    const page = await readFile(fileURLToPath(stdout.trim()), 'utf8')
    expect(page).toContain(`action="${partner.url}/sso/login"`)
    expect(page).toContain(`name="resource_id" value="${id}"`)
    expect((await stat(fileURLToPath(stdout.trim()))).mode & 0o777).toBe(0o600)
  })
})
