import {afterEach, beforeEach, expect, test} from 'vitest'
import type {MetricSeries} from '../../../../src/lib/schema/metrics.js'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

let platform: TestPlatform
beforeEach(async () => {
  platform = await startTestPlatform()
  await platform.run('create demo')
  await platform.run('addons:create librato --app demo')
})
afterEach(() => platform[Symbol.asyncDispose]())

const variable = async (name: string) => (await platform.run(['config:get', name, '--app', 'demo'])).stdout.trim()

function ask(path: string, init: RequestInit = {}): Promise<Response> | Response {
  const headers = {Host: '127.0.0.1', 'Content-Type': 'application/json', ...(init.headers as Record<string, string>)}
  return platform.runtime.api.fetch(new Request(`http://127.0.0.1${path}`, {...init, headers}), {trusted: false} as never)
}

async function send(metrics: unknown, password?: string): Promise<number> {
  const [user, token] = [await variable('LIBRATO_USER'), await variable('LIBRATO_TOKEN')]
  const headers = {Authorization: `Basic ${Buffer.from(`${user}:${password ?? token}`).toString('base64')}`}
  return (await ask('/v1/metrics', {method: 'POST', headers, body: JSON.stringify(metrics)})).status
}

const metrics = () => platform.api<MetricSeries[]>('GET', '/apps/demo/librato/metrics?hours=1')

test('what an app writes and what is sent as to Librato become metrics of its log', async () => {
  const {apps, logplex} = platform.runtime.services
  const say = (message: string) => logplex.append(apps.resolve('demo').id, {at: new Date(), source: 'app', ps: 'web.1', message})
  say('measure#db.latency=10ms')
  say('measure#db.latency=30ms')
  expect(await send({source: 'my app', gauges: [{name: 'queue length', value: 7}], counters: {'jobs.done': {value: '2'}}})).toBe(200)
  expect(await send({gauges: {depth: {value: 1.5, source: 'x'}}})).toBe(200)
  const found = await metrics()
  expect(found.map(one => [one.name, one.kind, one.unit, one.resolution])).toEqual([
    ['db.latency', 'measure', 'ms', 60],
    ['depth', 'sample', '', 60],
    ['jobs.done', 'count', '', 60],
    ['queue_length', 'sample', '', 60],
  ])
  expect(found[0]?.points.reduce((sum, point) => sum + point.sum, 0)).toBe(40)
  expect((await platform.run('logs --app demo')).stdout).toContain('app[librato]: source=my_app sample#queue_length=7\n')
  expect(await send({gauges: []}, 'wrong')).toBe(401)
  expect(await send({gauges: [{name: 'x', value: 'many'}]})).toBe(422)
})

test('the page is for who knows its address', async () => {
  const name = platform.runtime.services.addons.list()[0]?.name
  const {stdout} = await platform.run(`addons:open ${name} --show-url`)
  const {pathname} = new URL(stdout.trim())
  const page = await ask(pathname)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  const script = /<script>([\s\S]*)<\/script>/.exec(await page.text())?.[1]
  expect(() => new Function(script as string)).not.toThrow()
  expect(await (await ask(`${pathname}/metrics.json?hours=3`)).json()).toEqual([])
  expect((await ask(pathname.replace(/.$/, last => (last === '0' ? '1' : '0')))).status).toBe(404)
  await platform.run(`addons:destroy ${name} --app demo --confirm demo`)
  expect((await ask(pathname)).status).toBe(404)
})

test.each(['newrelic', 'scout'])('%s is the same under another name, and turns its agents off', async service => {
  await platform.run('create other')
  const created = await platform.run(`addons:create ${service} --app other`)
  expect(created.stderr).toMatch(new RegExp(`${service}-\\w+-\\d+ is being created|Creating ${service}`))
  const config = await platform.api<Record<string, string>>('GET', '/apps/other/config-vars')
  expect(config).toMatchObject(service === 'newrelic' ? {NEW_RELIC_ENABLED: 'false', NEW_RELIC_LOG: 'stdout'} : {SCOUT_MONITOR: 'false'})
  expect(Object.keys(config).filter(name => /KEY|TOKEN/.test(name))).toEqual([])
  const {apps, logplex} = platform.runtime.services
  logplex.append(apps.resolve('other').id, {at: new Date(), source: 'app', ps: 'web.1', message: 'count#jobs.done=3'})
  const {pathname} = new URL((await platform.run(`addons:open ${service} --app other --show-url`)).stdout.trim())
  expect((await ask(pathname)).status).toBe(200)
  const found = (await (await ask(`${pathname}/metrics.json?hours=1`)).json()) as MetricSeries[]
  expect(found.map(one => one.name)).toEqual(['jobs.done'])
})
