import {createGzip} from 'node:zlib'
import {afterEach, beforeEach, expect, test} from 'vitest'
import type {AddonRecord} from '../../../../../src/lib/runtime/addons/addons.js'
import {eventually} from '../../../../support/eventually.js'
import {type FakePartner, fakePartner, obliging} from '../../../../support/fake-partner.js'
import {type MovableClock, shiftedClock} from '../../../../support/movable-clock.js'
import {type Restartable, restartable} from '../../../../support/restartable.js'
import {tarOf} from '../../../../support/tar-of.js'

const hour = 3_600_000

let at: Restartable
let partner: FakePartner
let clock: MovableClock
beforeEach(async () => {
  clock = shiftedClock()
  partner = await fakePartner()
  at = await restartable({clock})
  const tarball = tarOf({'addon-manifest.json': JSON.stringify(partner.manifest())})
  await at.runtime.services.addons.installed.install(tarball.pipe(createGzip()))
  await at.api('POST', '/apps', {name: 'demo'})
})
afterEach(async () => {
  await at[Symbol.asyncDispose]()
  await partner[Symbol.asyncDispose]()
})

const create = () => at.api<{name: string; state: string}>('POST', '/apps/demo/addons', {plan: 'acme', name: 'db'})
const db = (): AddonRecord | undefined => at.runtime.services.addons.list()[0]
const methods = () => partner.requests.map(one => one.method)
const asked = (count: number) => eventually(() => expect(partner.requests.length).toBeGreaterThanOrEqual(count))
const url = () => at.runtime.services.addons.configVars(at.runtime.services.apps.resolve('demo').id, 'dyno')['ACME_URL']

/** Kills the runtime while the partner has a request that it did not answer; the next runtime finds it willing. */
async function killedDuring(work: () => Promise<unknown>): Promise<void> {
  const before = partner.requests.length
  partner.behave(() => 'hang')
  const cut = work().catch(() => undefined)
  await asked(before + 1)
  await at.stop()
  await cut
  partner.behave(obliging)
  await at.open()
  await at.runtime.start()
  await at.runtime.services.addons.idle()
}

test('a kill during the first request is followed by the same request', async () => {
  await killedDuring(create)
  expect(methods()).toEqual(['POST', 'POST'])
  const [first, second] = partner.requests
  expect(second?.body.uuid).toBe(first?.body.uuid)
  expect(second?.body.oauth_grant.code).not.toBe(first?.body.oauth_grant.code)
  expect(second?.body.log_drain_token).toBe(first?.body.log_drain_token)
  expect([db()?.state, url()]).toEqual(['provisioned', `acme://${first?.body.uuid}`])
})

test('a kill during a change of plan is followed by the same change', async () => {
  await create()
  await killedDuring(() => at.api('PATCH', '/apps/demo/addons/db', {plan: 'acme:premium'}))
  expect(methods()).toEqual(['POST', 'PUT', 'PUT'])
  expect(db()?.plan).toBe('premium')
})

test('a kill during the end is followed by the end', async () => {
  await create()
  await killedDuring(() => at.api('DELETE', '/apps/demo/addons/db'))
  expect(methods()).toEqual(['POST', 'DELETE', 'DELETE'])
  expect(db()).toBeUndefined()
})

test('what a partner took on is not asked again, and given up after twelve hours', async () => {
  partner.behave(({method}) => ({status: method === 'POST' ? 202 : 204}))
  expect((await create()).state).toBe('provisioning')
  await at.restart()
  clock.advance(11 * hour)
  await at.runtime.services.addons.idle()
  expect([methods(), db()?.state]).toEqual([['POST'], 'provisioning'])
  clock.advance(2 * hour)
  await eventually(() => expect(db()).toBeUndefined())
  await eventually(() => expect(methods()).toEqual(['POST', 'DELETE']))
  expect(at.runtime.services.addons.failure(partner.requests[0]?.body.uuid)).toBe('acme did not say in time that it is ready')
})

test('an end that a partner took on is over after a day, whether it says so or not', async () => {
  await create()
  partner.behave(() => ({status: 202}))
  expect((await at.api<{state: string}>('DELETE', '/apps/demo/addons/db')).state).toBe('deprovisioning')
  clock.advance(23 * hour)
  await at.restart()
  await at.runtime.services.addons.idle()
  expect(db()?.state).toBe('deprovisioning')
  clock.advance(2 * hour)
  await eventually(() => expect(db()).toBeUndefined())
})

test('a partner has 25 seconds three times; then its name is in the error, and it is asked to remove what it may have made', async () => {
  partner.behave(({method}) => (method === 'POST' ? 'hang' : {status: 204}))
  const failed = expect(create()).rejects.toThrow(
    '503 {"id":"service_unavailable","message":"acme cannot be reached: no answer within 25 s, so there is no db. Try again later."',
  )
  for (let tries = 1; tries <= 3; tries += 1) {
    await asked(tries)
    clock.advance(24_000)
    expect(methods()).toHaveLength(tries)
    await eventually(() => {
      clock.advance(1_000)
      expect(partner.requests.length > tries || tries === 3).toBe(true)
    })
  }
  await failed
  await eventually(() => expect(methods()).toEqual(['POST', 'POST', 'POST', 'DELETE']))
})

test('a partner that is away keeps neither add-on nor app, and hears of it later', async () => {
  await create()
  partner.behave(() => 'drop')
  const destroyed = at.api('DELETE', '/apps/demo')
  // Two pauses between three tries.
  await asked(2)
  clock.advance(1_000)
  await asked(3)
  clock.advance(2_000)
  await destroyed
  await expect(at.api('GET', '/apps/demo')).rejects.toThrow('404')
  const before = methods().length
  clock.advance(59_000)
  expect(methods()).toHaveLength(before)
  partner.behave(() => ({status: 410}))
  await at.restart()
  await eventually(() => expect(methods()).toHaveLength(before + 1))
  expect(partner.requests.at(-1)?.path).toBe(`/heroku/resources/${partner.requests[0]?.body.uuid}`)
  await eventually(() => expect(at.runtime.store.all('SELECT * FROM partner_farewells')).toEqual([]))
})

test('a partner that never hears is given up after a week', async () => {
  await create()
  partner.behave(() => ({status: 400}))
  await at.api('DELETE', '/apps/demo/addons/db')
  expect(db()).toBeUndefined()
  expect(at.runtime.store.all('SELECT * FROM partner_farewells')).toHaveLength(1)
  clock.advance(6 * 24 * hour)
  await asked(3)
  expect(at.runtime.store.all('SELECT * FROM partner_farewells')).toHaveLength(1)
  clock.advance(25 * hour)
  await eventually(() => expect(at.runtime.store.all('SELECT * FROM partner_farewells')).toEqual([]))
  const told = methods().length
  clock.advance(25 * hour)
  expect(methods()).toHaveLength(told)
})
