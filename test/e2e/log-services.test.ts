import {once} from 'node:events'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {text} from 'node:stream/consumers'
import {afterAll, beforeAll, expect, it} from 'vitest'
import type {MetricSeries} from '../../src/lib/schema/metrics.js'
import type {RuntimeStatus} from '../../src/lib/schema/runtime-status.js'
import {eventually} from '../support/eventually.js'
import {nodeManifest} from '../support/node-app.js'
import {World} from '../support/world.js'

let world: World
let folder: string
let hook: Server
const posted: {events: {message: string; program: string}[]}[] = []
beforeAll(async () => {
  world = await World.start()
  folder = await world.deployed('spoken', {
    'package.json': nodeManifest(),
    Procfile: 'web: node index.js\n',
    'index.js': `require('http').createServer((q, r) => {
  if (q.url === '/fail') { console.log('SEVERE: could not do it count#failures=1'); r.statusCode = 500 }
  r.end('ok')
}).listen(process.env.PORT)\n`,
  })
  await world.answers('spoken', 'ok')
  for (const service of ['papertrail', 'librato']) await world.ok(`addons:create ${service}`, folder)
  await world.answers('spoken', 'ok')
  hook = createServer(async (request, answer) => {
    posted.push(JSON.parse(new URLSearchParams(await text(request)).get('payload') as string))
    answer.end()
  }).listen(0, '127.0.0.1')
  await once(hook, 'listening')
})
afterAll(async () => {
  hook?.close()
  await world?.[Symbol.asyncDispose]()
})

it('a search finds what dynos and the router said, and a tail what they say next', async () => {
  await world.get('spoken', '/fail')
  await eventually(async () => {
    expect(await world.ok(['papertrail', 'severe "could not"'], folder)).toMatch(/ app\[web\.1\]: SEVERE: could not do it/)
    expect(await world.ok(['papertrail', 'program:heroku/router path="/fail" status=500'], folder)).toContain('heroku[router]: at=info')
  })
  expect(await world.ok(['papertrail', 'severe -could'], folder)).toBe('')
  const tail = world.follow('papertrail --tail severe --app spoken', folder)
  await eventually(() => expect(tail.text()).toContain('SEVERE'))
  const before = tail.text().length
  await world.get('spoken', '/fail')
  await eventually(() => expect(tail.text().slice(before)).toContain('app[web.1]: SEVERE'))
  tail.stop()
})

it('an alert comes although the runtime was killed after the lines it is about', {timeout: 180_000}, async () => {
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`
  await world.ok(['papertrail:searches:save', 'severe', 'SEVERE', '--every', '1-minute', '--webhook', url], folder)
  await world.get('spoken', '/fail')
  await eventually(async () => expect(await world.ok(['papertrail', '--num', '1', 'SEVERE'], folder)).toContain('SEVERE'))
  process.kill(await world.runtimePid(), 'SIGKILL')
  await world.ok('apps')
  await eventually(() => expect(posted).toHaveLength(1), 120_000)
  expect(posted[0]?.events).toMatchObject([{program: 'app/web.1', message: 'SEVERE: could not do it count#failures=1'}])
  expect(await world.ok(['papertrail', 'program:papertrail'], folder)).toContain(
    'app[papertrail]: Alert severe: 1 line matches SEVERE (1-minute)',
  )
})

it('metrics are what the router and the app have logged', async () => {
  const {url, token} = await world.json<RuntimeStatus & {token: string}>('runtime:status')
  const answer = await fetch(`${url}/apps/spoken/librato/metrics?hours=1`, {headers: {Authorization: `Bearer ${token}`}})
  const series = (await answer.json()) as MetricSeries[]
  const total = (name: string): number => series.find(one => one.name === name)?.points.reduce((sum, {count}) => sum + count, 0) ?? 0
  expect(total('router.status.5xx')).toBe(3)
  expect(total('failures')).toBe(3)
  expect(total('router.service')).toBe(
    total('router.status.2xx') + total('router.status.5xx') + total('router.status.4xx') + total('router.status.3xx'),
  )
  expect(total('dyno.state.up')).toBeGreaterThan(0)
})
