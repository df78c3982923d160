import {afterEach, beforeEach, expect, test} from 'vitest'
import {eventually} from '../../../../support/eventually.js'
import type {FakePartner, Json} from '../../../../support/fake-partner.js'
import {type PartnerWorld, partnerWorld} from '../../../../support/partner-world.js'
import type {TestPlatform} from '../../../../support/platform.js'

let world: PartnerWorld
let platform: TestPlatform
let partner: FakePartner
let secret: string
beforeEach(async () => {
  world = await partnerWorld()
  ;({platform, partner} = world)
  secret = await world.install()
})
afterEach(() => world[Symbol.asyncDispose]())

const stored = () => platform.runtime.store.all<Json>('SELECT * FROM partner_addons')
const says = async (token: string, method: string, path: string, body?: unknown) => {
  expect((await world.call(method, `/addons/${world.addon().id}${path}`, {token, body})).status).toBe(200)
}

test('a partner whose answer is refused hears the end of it by the name that it gave', async () => {
  partner.behave(({method}) => (method === 'POST' ? {status: 201, body: {id: 7, config: {SECRET: 'x'}}} : {status: 204}))
  await platform.run('addons:create acme --app demo')
  await eventually(() => expect(partner.requests.at(-1)).toMatchObject({method: 'DELETE', path: '/heroku/resources/7'}))
})

test('what a partner sets while it changes a plan stays, and its answer is added to it, each with a release', async () => {
  await platform.run('addons:create acme:basic --app demo --name mine')
  const token = await world.exchanged(secret)
  partner.behave(async () => {
    await says(token, 'PATCH', '/config', {config: [{name: 'TOKEN', value: 'fresh'}]})
    return {status: 200, body: {config: {ACME_URL: 'acme://larger'}, message: 'Larger now.'}}
  })
  await platform.run('addons:upgrade mine acme:premium --app demo')
  await eventually(async () => expect(await world.config('ACME_URL')).toBe('acme://larger'))
  expect([await world.config('ACME_TOKEN'), world.addon().plan]).toEqual(['fresh', 'premium'])
  const before = await world.releases()
  expect(before.slice(-2)).toEqual(['Update ACME by acme', 'Update ACME by acme'])
  // The same again is no news.
  partner.behave(() => ({status: 200, body: {config: {URL: 'acme://larger'}}}))
  await platform.run('addons:downgrade mine acme:basic --app demo')
  await says(token, 'PATCH', '/config', {config: [{name: 'TOKEN', value: 'fresh'}]})
  await platform.runtime.services.addons.idle()
  expect([world.addon().plan, await world.releases()]).toEqual(['basic', before])
})

test('a plan that a partner has changed is changed, whatever is wrong with the rest of its answer', async () => {
  await platform.run('addons:create acme:basic --app demo --name mine')
  partner.behave(() => ({status: 200, body: {config: {SECRET: 'x'}}}))
  expect((await platform.run('addons:upgrade mine acme:premium --app demo')).stderr).toContain('acme set SECRET')
  expect([world.addon().plan, stored()[0].wanted_plan]).toEqual(['premium', null])
})

test('a partner that is ready before it has answered hears of the end of its add-on, years later too', async () => {
  partner.behave(async request => {
    if (request.method !== 'POST') return {status: 204}
    await says(await world.exchanged(secret), 'POST', '/actions/provision')
    return {status: 202, body: {}}
  })
  expect((await platform.run('addons:create acme --app demo --name mine')).stdout).toContain('Created mine as ACME_URL')
  expect(stored()[0].deadline).toBeNull()
  // As a runtime leaves it that is killed when a partner says so.
  platform.runtime.store.run("UPDATE partner_addons SET deadline = '2020-01-01T00:00:00.000Z'")
  await platform.runtime.services.addons.start()
  await platform.runtime.services.addons.idle()
  await platform.run('addons:destroy mine --confirm demo')
  expect(partner.requests.map(one => one.method)).toEqual(['POST', 'DELETE'])
})

test.each([202, 400])('a partner that has ended an add-on before it answers with %i to its end has ended it', async status => {
  await platform.run('addons:create acme --app demo --name mine')
  const token = await world.exchanged(secret)
  partner.behave(async () => {
    await says(token, 'POST', '/actions/deprovision')
    return {status}
  })
  const {stderr, exitCode} = await platform.run('addons:destroy mine --confirm demo')
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('Destroying mine on demo... done')])
  expect([platform.runtime.services.addons.list(), platform.runtime.store.all('SELECT * FROM partner_farewells')]).toEqual([[], []])
})

test('a start that is repeated, as long as the engine is not there, does not tell a partner twice as often', async () => {
  await platform.run('addons:create acme --app demo --name mine')
  partner.behave(() => ({status: 400}))
  await platform.run('addons:destroy mine --confirm demo')
  for (let start = 1; start <= 3; start += 1) await platform.runtime.services.addons.start()
  await platform.runtime.services.addons.idle()
  await new Promise(resolve => setTimeout(resolve, 300))
  expect(partner.requests.map(one => one.method)).toEqual(['POST', 'DELETE'])
})
