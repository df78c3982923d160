import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {text} from 'node:stream/consumers'
import {afterEach, beforeEach, expect, test} from 'vitest'
import type {PapertrailEvent} from '../../../../src/lib/runtime/papertrail/events.js'
import {eventually} from '../../../support/eventually.js'
import {type MovableClock, shiftedClock} from '../../../support/movable-clock.js'
import {type Restartable, restartable} from '../../../support/restartable.js'

const minute = 60_000

let at: Restartable
let clock: MovableClock
let hook: Server
let posted: {events: PapertrailEvent[]; saved_search: {name: string}; max_id: string}[]
let status: number
beforeEach(async () => {
  clock = shiftedClock()
  posted = []
  status = 200
  hook = createServer(async (request, answer) => {
    posted.push(JSON.parse(new URLSearchParams(await text(request)).get('payload') as string))
    answer.writeHead(status).end()
  })
  await new Promise<void>(resolve => hook.listen(0, '127.0.0.1', resolve))
  at = await restartable({clock})
  await at.api('POST', '/apps', {name: 'demo'})
  await at.api('POST', '/apps/demo/addons', {plan: 'papertrail'})
  await at.runtime.services.addons.idle()
})
afterEach(async () => {
  await at[Symbol.asyncDispose]()
  hook.close()
})

const appId = () => at.runtime.services.apps.resolve('demo').id
const say = (message: string, ps = 'web.1') => at.runtime.services.logplex.append(appId(), {at: clock.now(), source: 'app', ps, message})
const token = () => at.runtime.services.addons.configVars(appId(), 'dyno')['PAPERTRAIL_API_TOKEN'] as string
const webhook = () => `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook?secret=s3cret`

async function log(): Promise<string[]> {
  const {lines} = await at.runtime.services.papertrail.events(
    at.runtime.services.papertrail.service.of(at.runtime.services.apps.resolve('demo')),
    'program:papertrail',
    {limit: 100},
    AbortSignal.timeout(5000),
  )
  return lines.map(line => line.text.slice(33))
}

async function ask(
  path: string,
  key = token(),
): Promise<{status: number; body: {events: PapertrailEvent[]; max_id: string; message?: string}}> {
  const headers = {Host: '127.0.0.1', 'X-Papertrail-Token': key}
  const answer = await at.runtime.api.fetch(new Request(`http://127.0.0.1${path}`, {headers}), {trusted: false} as never)
  return {status: answer.status, body: (await answer.json()) as never}
}

test('the HTTP API searches as Papertrail’s does, and goes on where a search ended', async () => {
  say('one error')
  say('all is well')
  say('another ERROR', 'worker.1')
  const {body} = await ask('/api/v1/events/search.json?q=error')
  expect(body.events.map(one => [one.program, one.message, one.hostname])).toEqual([
    ['app/web.1', 'one error', 'demo'],
    ['app/worker.1', 'another ERROR', 'demo'],
  ])
  expect(body).toMatchObject({reached_beginning: true, max_id: body.events[1]?.id})
  expect((await ask('/api/v1/events/search.json?q=error&limit=1')).body.events.map(one => one.message)).toEqual(['another ERROR'])
  expect((await ask(`/api/v1/events/search.json?max_id=${body.events[0]?.id}&q=error`)).body.events).toHaveLength(1)
  say('third error')
  const next = await ask(`/api/v1/events/search.json?q=error&min_id=${body.max_id}`)
  expect(next.body.events.map(one => one.message)).toEqual(['third error'])
  expect(next.body).not.toHaveProperty('reached_beginning')
  expect((await ask('/api/v1/events/search.json', 'wrong')).status).toBe(401)
  expect((await ask('/api/v1/events/search.json?q=(')).status).toBe(422)
  expect((await ask('/api/v1/events/search.json?limit=0')).body.message).toContain('limit')
})

test('a search that finds nothing says how far it looked, so that the next one does not begin anew', async () => {
  say('one error')
  const nothing = await ask('/api/v1/events/search.json?q=nowhere')
  expect(nothing.body).toMatchObject({events: [], reached_beginning: true})
  say('nowhere near')
  const next = await ask(`/api/v1/events/search.json?q=nowhere&min_id=${nothing.body.max_id}`)
  expect(next.body.events.map(one => one.message)).toEqual(['nowhere near'])
  const all = await ask(`/api/v1/events/search.json?min_id=${nothing.body.max_id}`)
  expect(all.body.events.map(one => one.message)).toEqual(['nowhere near'])
})

test('an alert tells the log and the webhook of what came up since it was last looked at', async () => {
  say('error before')
  await at.api('POST', '/apps/demo/papertrail/searches', {
    name: 'errors',
    query: 'error',
    alert: {frequency: '1-minute', minimum: 2, webhook: webhook()},
  })
  say('error one')
  clock.advance(minute)
  await eventually(() => {
    clock.advance(1000)
    expect(at.runtime.store.all('SELECT id FROM papertrail_searches WHERE seen > 0 AND triggered_at IS NULL')).toHaveLength(1)
  })
  expect(posted).toEqual([])
  say('error two')
  say('error three')
  await eventually(() => {
    clock.advance(20_000)
    expect(posted).toHaveLength(1)
  })
  expect(posted[0]?.saved_search.name).toBe('errors')
  const messages = posted[0]?.events.map(one => one.message) ?? []
  expect(messages.slice(-2)).toEqual(['error two', 'error three'])
  expect(messages).not.toContain('error before')
  await eventually(async () =>
    expect(await log()).toEqual([expect.stringMatching(/^app\[papertrail\]: Alert errors: \d lines match error \(1-minute\)$/)]),
  )
  // Its own line is no reason for another alert.
  for (let passed = 0; passed < 10; passed += 1) {
    clock.advance(20_000)
    await new Promise(resolve => setImmediate(resolve))
  }
  expect(posted).toHaveLength(1)
  const [search] = await at.api<{alert: {webhook: string; triggered_at: string}}[]>('GET', '/apps/demo/papertrail/searches')
  expect(search?.alert).toMatchObject({webhook: expect.stringMatching(/^127\.0\.0\.1:\d+$/), triggered_at: expect.any(String)})
  expect(JSON.stringify(at.runtime.store.all('SELECT * FROM papertrail_searches'))).not.toContain('s3cret')
})

test('a runtime that was away looks at what it missed', async () => {
  await at.api('POST', '/apps/demo/papertrail/searches', {name: 'errors', query: 'error', alert: {frequency: '1-hour', webhook: webhook()}})
  say('error while nobody looked')
  await at.restart()
  expect(posted).toEqual([])
  clock.advance(61 * minute)
  await eventually(() => expect(posted[0]?.events.map(one => one.message)).toEqual(['error while nobody looked']))
  // The line that told of it is no reason to tell again.
  const seen = () => at.runtime.store.get<{seen: number}>('SELECT seen FROM papertrail_searches')?.seen
  const before = seen()
  await eventually(() => {
    clock.advance(61 * minute)
    expect(seen()).not.toBe(before)
  })
  clock.advance(61 * minute)
  await new Promise(resolve => setTimeout(resolve, 200))
  expect(posted).toHaveLength(1)
})

test('a webhook that refuses is tried three times, and the log says so', async () => {
  status = 500
  await at.api('POST', '/apps/demo/papertrail/searches', {
    name: 'errors',
    query: 'error',
    alert: {frequency: '1-minute', webhook: webhook()},
  })
  say('error')
  clock.advance(61_000)
  await eventually(async () => {
    clock.advance(1000)
    expect((await log()).at(-1)).toMatch(/^app\[papertrail\]: Alert errors did not reach its webhook at 127\.0\.0\.1:\d+: it answered 500$/)
  })
  expect(posted.slice(0, 3)).toHaveLength(3)
})

test('the page is for who knows its address, and goes with the add-on', async () => {
  const {url} = await at.api<{url: string}>('GET', `/runtime/addons/${at.runtime.services.addons.list()[0]?.name}/page`)
  await at.api('POST', '/apps/demo/papertrail/searches', {name: '<errors>', query: 'a "b"'})
  const {pathname} = new URL(url)
  const get = (path: string) =>
    at.runtime.api.fetch(new Request(`http://127.0.0.1${path}`, {headers: {Host: '127.0.0.1'}}), {trusted: false} as never)
  const page = await get(pathname)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(await page.text()).toContain('<a href="#a%20%22b%22">&#60;errors&#62;</a>')
  say('hello')
  const found = (await (await get(`${pathname}/events.json?q=hello`)).json()) as {events: PapertrailEvent[]}
  expect(found.events).toHaveLength(1)
  expect((await get(`${pathname.slice(0, -1)}${pathname.endsWith('0') ? '1' : '0'}`)).status).toBe(404)
  await at.api('DELETE', `/apps/demo/addons/${at.runtime.services.addons.list()[0]?.id}`)
  expect((await get(pathname)).status).toBe(404)
  expect(at.runtime.store.all('SELECT * FROM papertrail_searches')).toEqual([])
})
