import {afterEach, beforeEach, expect, test} from 'vitest'
import type {FakePartner, PartnerRequest} from '../../../../support/fake-partner.js'
import {type PartnerWorld, partnerWorld} from '../../../../support/partner-world.js'
import type {TestPlatform} from '../../../../support/platform.js'

let world: PartnerWorld
let platform: TestPlatform
let partner: FakePartner
beforeEach(async () => {
  world = await partnerWorld()
  ;({platform, partner} = world)
})
afterEach(() => world[Symbol.asyncDispose]())

test('tokens come once for a code, to who knows the client secret, and can be refreshed', async () => {
  const secret = await world.install()
  await platform.run('addons:create acme --app demo')
  const {code} = (partner.requests[0] as PartnerRequest).body.oauth_grant
  const ask = (form: Record<string, string>) => world.call('POST', '/oauth/token', {form})
  const first = {grant_type: 'authorization_code', code, client_secret: secret}
  expect((await ask({...first, client_secret: 'wrong'})).status).toBe(401)
  const {status, body} = await ask(first)
  expect(status).toBe(200)
  expect(body).toEqual({access_token: expect.any(String), refresh_token: expect.any(String), expires_in: 28_800, token_type: 'Bearer'})
  expect((await ask(first)).status).toBe(401)
  const again = await ask({grant_type: 'refresh_token', refresh_token: body.refresh_token, client_secret: secret})
  expect(again.body.access_token).not.toBe(body.access_token)
  expect((await ask({grant_type: 'refresh_token', refresh_token: body.access_token, client_secret: secret})).status).toBe(401)
  expect((await ask({grant_type: 'password', client_secret: secret})).status).toBe(422)
  expect((await world.call('GET', `/addons/${world.addon().id}`, {token: again.body.access_token})).status).toBe(200)
  expect((await world.call('GET', `/addons/${world.addon().id}`, {token: body.refresh_token})).status).toBe(401)
  // What has expired goes when another one is made.
  platform.runtime.store.run("UPDATE partner_grants SET expires_at = '2020-01-01T00:00:00.000Z' WHERE kind = 'access'")
  await ask({grant_type: 'refresh_token', refresh_token: body.refresh_token, client_secret: secret})
  expect(platform.runtime.store.all('SELECT kind FROM partner_grants ORDER BY kind')).toEqual([{kind: 'access'}, {kind: 'refresh'}])
  const stored = JSON.stringify(platform.runtime.store.all('SELECT * FROM partner_grants'))
  for (const one of [body.access_token, body.refresh_token]) expect(stored).not.toContain(one)
})

test('tokens do what is in their scope and nothing else', async () => {
  const secret = await world.install()
  await platform.run('addons:create acme --app demo --name mine')
  await platform.run('addons:create acme --app demo --name other')
  await platform.run('create elsewhere')
  const token = await world.exchanged(secret)
  const status = async (line: string, body?: unknown): Promise<number> => {
    const [method, path] = line.split(' ') as [string, string]
    return (await world.call(method, path, {token, ...(body !== undefined && {body})})).status
  }
  for (const line of ['GET /addons/mine', 'GET /addons/mine/config', 'GET /addons/mine/addon-attachments', 'GET /apps/demo'])
    expect([line, await status(line)]).toEqual([line, 200])
  expect(await status('PATCH /addons/mine', {name: 'mine-too'})).toBe(200)
  expect(await status('PATCH /addons/mine-too', {plan: 'premium'})).toBe(403)
  for (const line of ['GET /addons/other', 'PATCH /addons/other/config', 'POST /addons/other/actions/provision', 'GET /apps/elsewhere'])
    expect([line, await status(line)]).toEqual([line, 404])
  const routes = platform.runtime.api.routes.filter(one => one.method !== 'ALL')
  const paths = routes.map(one => `${one.method} ${one.path.replaceAll(':addon', 'mine-too').replaceAll(/:\w+(\{[^}]*\})?/g, 'demo')}`)
  const allowed = /^(GET|PATCH) \/addons\/mine-too(\/config|\/addon-attachments|\/log-drains)?$|actions\/(de)?provision$|^GET \/apps\/demo$/
  const open =
    /^(POST \/oauth\/token$|POST \/logs$|GET \/(api\/v1|papertrail|librato|sso)\/|POST \/v1\/metrics$|\w+ \/(streams|sources|log-sessions|backups)\/)/
  const forbidden = paths.filter(line => !allowed.test(line) && !open.test(line))
  expect(forbidden.length).toBeGreaterThan(80)
  for (const line of forbidden) expect([line, await status(line)]).toEqual([line, 403])
})

test('users leave to partners what is theirs to say', async () => {
  await world.install()
  await platform.run('addons:create acme --app demo --name mine')
  const {token} = platform.runtime.services
  expect((await world.call('GET', '/addons/mine/config', {token})).body).toEqual([
    {name: 'ACME_URL', value: expect.stringMatching(/^acme:/)},
  ])
  for (const line of ['PATCH /addons/mine/config', 'POST /addons/mine/actions/provision', 'POST /addons/mine/actions/deprovision']) {
    const [method, path] = line.split(' ') as [string, string]
    expect([line, (await world.call(method, path, {token, body: {}})).status]).toEqual([line, 403])
  }
})
