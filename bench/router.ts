import {execFile} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {Agent, request} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import type {Engine} from '../src/lib/engine/engine.js'
import {Challenges} from '../src/lib/runtime/certificates/challenges.js'
import {createRouter} from '../src/lib/runtime/router/haproxy-router.js'
import type {Route} from '../src/lib/runtime/router/router.js'
import {routerImage} from '../src/lib/runtime/router/router-image.js'
import {openStore} from '../src/lib/runtime/store/store.js'
import {systemClock} from '../src/lib/runtime/support/clock.js'
import {engineNames} from '../src/lib/runtime/support/names.js'
import {silentLog} from '../src/lib/runtime/support/runtime-log.js'
import {homeAt} from '../src/lib/schema/home.js'
import {testAuthority} from '../test/support/certificates.js'
import {freePort} from '../test/support/free-port.js'
import {absolute, type BenchRow} from './row.js'

interface Load {
  perSecond: number
  p50Ms: number
  requests: number
}

const stackDirectory = join(import.meta.dirname, '..', 'stacks')

/** Throughput and added p50 of the router, whole with its log lines, against a bare HAProxy with one static backend in the same run. */
export async function routerRows(engine: Engine, seconds = 4): Promise<BenchRow[]> {
  const home = randomUUID()
  const root = await mkdtemp(join(tmpdir(), 'hokku-bench-'))
  try {
    const image = await routerImage(engine, stackDirectory, silentLog)
    const [upstream, bare] = [await freePort(), await freePort()]
    await plainHaproxy(engine, {home, image, root, name: 'upstream', port: upstream, config: upstreamConfig(upstream)})
    await plainHaproxy(engine, {home, image, root, name: 'bare', port: bare, config: bareConfig(bare, upstream)})
    const {router, port, lines} = await ourRouter(engine, home, root, upstream)
    const best = {ours: nothing, bare: nothing}
    for (let round = 0; round < 3; round += 1) {
      best.bare = better(best.bare, await measured(bare, seconds))
      best.ours = better(best.ours, await measured(port, seconds))
    }
    const {requests} = best.ours
    // Takes what is left of the lines.
    await router.close()
    if (lines() < requests) throw new Error(`The router wrote ${lines()} lines for ${requests} requests.`)
    return [
      row(
        'router throughput, 50 connections',
        best.ours.perSecond,
        best.bare.perSecond,
        'requests/s',
        'at least 0.9x',
        ratio => ratio >= 0.9,
      ),
      row('router p50, one connection', best.ours.p50Ms, best.bare.p50Ms, 'ms', 'at most 1.2x', ratio => ratio <= 1.2),
    ]
  } finally {
    await engine.removeAll({'hokku.home': home})
    await rm(root, {recursive: true, force: true})
  }
}

/** As many requests as fifty connections get answered, and the time of one when nobody else asks: under full load that is the throughput once more. */
async function measured(port: number, seconds: number): Promise<Load> {
  const many = await load(port, seconds, 50)
  const alone = await load(port, seconds / 2, 1)
  return {perSecond: many.perSecond, p50Ms: alone.p50Ms, requests: many.requests + alone.requests}
}

const nothing: Load = {perSecond: 0, p50Ms: Number.POSITIVE_INFINITY, requests: 0}

function better(one: Load, other: Load): Load {
  return {
    perSecond: Math.max(one.perSecond, other.perSecond),
    p50Ms: Math.min(one.p50Ms, other.p50Ms),
    requests: one.requests + other.requests,
  }
}

function row(what: string, value: number, floor: number, unit: string, limit: string, good: (ratio: number) => boolean): BenchRow {
  const ratio = value / floor
  return {what, value, floor, unit, ratio, limit, ok: good(ratio)}
}

const common = `global
  maxconn 4000
  nbthread 2
defaults
  mode http
  timeout connect 5s
  timeout client 55s
  timeout server 55s
`

const upstreamConfig = (port: number): string => `${common}
frontend upstream
  bind :${port}
  http-request return status 200 content-type text/plain string "hello from a dyno"
`

const bareConfig = (port: number, upstream: number): string => `${common}
frontend bare
  bind 127.0.0.1:${port}
  default_backend one
backend one
  server one 127.0.0.1:${upstream}
`

interface Plain {
  home: string
  image: string
  root: string
  name: string
  port: number
  config: string
}

async function plainHaproxy(engine: Engine, {home, image, root, name, port, config}: Plain): Promise<void> {
  const path = join(root, `${name}.cfg`)
  await writeFile(path, config)
  const {id} = await engine.start({
    name: `hokku-bench-${home.slice(0, 8)}-${name}`,
    image,
    command: ['haproxy', '-f', '/haproxy.cfg'],
    entrypoint: [],
    env: {},
    labels: {'hokku.home': home, 'hokku.kind': 'bench'},
    networking: 'host',
    mounts: [{type: 'bind', source: path, target: '/haproxy.cfg', readOnly: true}],
    restart: 'never',
    keepOutput: 'none',
  })
  for (let tries = 0; !(await engine.listening({id, address: '127.0.0.1'}, port)); tries += 1) {
    if (tries > 100) throw new Error(`The ${name} of the bench does not listen on ${port}.`)
    await systemClock.sleep(100)
  }
}

const reloadApps = 500

/** How long HAProxy takes over a reload that doubles its table to 1,000 apps of three hosts and three dynos each, and what a client loses meanwhile. */
export async function reloadRows(engine: Engine): Promise<BenchRow[]> {
  const home = randomUUID()
  const root = await mkdtemp(join(tmpdir(), 'hokku-bench-'))
  try {
    const image = await routerImage(engine, stackDirectory, silentLog)
    const upstream = await freePort()
    await plainHaproxy(engine, {home, image, root, name: 'upstream', port: upstream, config: upstreamConfig(upstream)})
    const {router, port} = await ourRouter(engine, home, root, upstream)
    const table = Array.from({length: reloadApps}, (_, index) => manyHosts(`app${index}`, upstream))
    await router.publish(table)
    const client = steadyClient(port, 'app250.localhost')
    await systemClock.sleep(500)
    // More than there are backends for: only a reload makes them.
    const more = Array.from({length: reloadApps}, (_, index) => manyHosts(`more${index}`, upstream))
    const began = performance.now()
    await router.publish([...table, ...more])
    const took = performance.now() - began
    await systemClock.sleep(500)
    const {requests, failed} = await client.stop()
    await router.close()
    if (requests < 100) throw new Error(`The client of the bench made ${requests} requests only.`)
    const what = `reload of the router for ${reloadApps * 2} apps with ${reloadApps * 6} routes, twice as many as before`
    return [
      absolute(1000, {what, value: took, unit: 'ms'}),
      absolute(0, {what: `requests lost over it, of ${requests}`, value: failed, unit: 'requests'}),
    ]
  } finally {
    await engine.removeAll({'hokku.home': home})
    await rm(root, {recursive: true, force: true})
  }
}

function manyHosts(appName: string, port: number): Route {
  const targets = [1, 2, 3].map(number => ({dyno: `web.${number}`, address: `127.0.0.${number}`, port}))
  return {appId: randomUUID(), appName, hosts: [`${appName}.localhost`, `www.${appName}.test`, `${appName}.test`], state: 'up', targets}
}

/** Four connections that are kept alive, and new ones besides, until it is stopped. Unlike `Traffic` it never asks a second time: what a reload takes from a kept connection counts. */
function steadyClient(port: number, host: string): {stop(): Promise<{requests: number; failed: number}>} {
  const seen = {requests: 0, failed: 0}
  let going = true
  const agents = [...Array.from({length: 4}, () => new Agent({keepAlive: true, maxSockets: 1})), new Agent({keepAlive: false})]
  const work = agents.map(async agent => {
    while (going) {
      await once(port, agent, host).catch(() => {
        seen.failed += 1
      })
      seen.requests += 1
    }
    agent.destroy()
  })
  return {
    async stop() {
      going = false
      await Promise.all(work)
      return seen
    },
  }
}

async function ourRouter(engine: Engine, homeId: string, root: string, upstream: number) {
  let count = 0
  const own = testAuthority().shownFor(['*'], ['localhost'])
  const router = createRouter({
    engine,
    home: homeAt(join(root, 'home')),
    homeId,
    names: engineNames(homeId),
    store: await openStore(':memory:'),
    clock: systemClock,
    log: silentLog,
    logs: {
      append: () => {
        count += 1
      },
    },
    ownCertificate: () => own,
    challenges: new Challenges(),
    wake: () => undefined,
    stackDirectory,
    env: {HOKKU_ROUTER_PORT: String(await freePort()), HOKKU_ROUTER_TLS_PORT: String(await freePort()), HOKKU_ROUTER_BIND: '127.0.0.1'},
  })
  const {port} = await router.start()
  const targets = [{dyno: 'web.1', address: '127.0.0.1', port: upstream}]
  await router.publish([{appId: randomUUID(), appName: 'bench', hosts: ['bench.localhost'], state: 'up', targets}])
  return {router, port, lines: () => count}
}

/** By wrk where it is installed, else by a load generator of our own. */
async function load(port: number, seconds: number, connections: number): Promise<Load> {
  try {
    const args = [
      '-t',
      String(Math.min(2, connections)),
      '-c',
      String(connections),
      '-d',
      `${seconds}s`,
      '--latency',
      '-H',
      'Host: bench.localhost',
      `http://127.0.0.1:${port}/`,
    ]
    return wrkResult((await promisify(execFile)('wrk', args)).stdout)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return generate(port, seconds, connections)
  }
}

function wrkResult(text: string): Load {
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(text)
  const requests = /(\d+) requests in/.exec(text)
  const p50 = /50%\s+([\d.]+)(us|ms|s)/.exec(text)
  if (rate === null || p50 === null || requests === null || text.includes('Non-2xx')) throw new Error(`wrk did not measure:\n${text}`)
  const p50Ms = Number(p50[1]) * {us: 0.001, ms: 1, s: 1000}[p50[2] as 'us' | 'ms' | 's']
  return {perSecond: Number(rate[1]), p50Ms, requests: Number(requests[1])}
}

async function generate(port: number, seconds: number, connections: number): Promise<Load> {
  const agent = new Agent({keepAlive: true, maxSockets: connections})
  const times: number[] = []
  const until = performance.now() + seconds * 1000
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      const began = performance.now()
      await once(port, agent)
      times.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({length: connections}, client))
  agent.destroy()
  times.sort((one, other) => one - other)
  const p50Ms = times[Math.floor(times.length / 2)] ?? Number.POSITIVE_INFINITY
  return {perSecond: times.length / seconds, p50Ms, requests: times.length}
}

function once(port: number, agent: Agent, host = 'bench.localhost'): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({host: '127.0.0.1', port, agent, headers: {host}}, response => {
      response.resume().once('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`answered ${response.statusCode}`))))
    })
    sent.once('error', reject).end()
  })
}
