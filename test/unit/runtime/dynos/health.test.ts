import {once} from 'node:events'
import {createServer, type RequestListener} from 'node:http'
import {type AddressInfo, connect} from 'node:net'
import {afterEach, describe, expect, it} from 'vitest'
import type {DynoManagerDeps} from '../../../../src/lib/runtime/dynos/context.js'
import {type Dial, httpProblem} from '../../../../src/lib/runtime/dynos/health/http-probe.js'
import {PlatformError} from '../../../../src/lib/schema/errors.js'
import {type HealthCheck, healthChecks} from '../../../../src/lib/schema/health-checks.js'
import {eventually} from '../../../support/eventually.js'
import {fastClock} from '../../../support/fast-clock.js'
import {appId, releaseId, type WantedShape, type World, world} from './support.js'

const startup = {type: 'startup', name: 'ready', command: ['is-ready'], attempts: 3, wait: 1}
const liveness = {type: 'liveness', name: 'alive', command: ['is-alive'], attempts: 3, wait: 1}
const shape = (version: number, checks: unknown[], type = 'web'): WantedShape => ({
  version,
  formation: {[type]: 1},
  healthChecks: {[type]: checks},
})

/** A world where checks pass that are healthy, counted by command. */
async function checked(): Promise<World & {unhealthy: Set<string>; asked: string[]}> {
  const at = await world({clock: fastClock(60)})
  const unhealthy = new Set<string>()
  const asked: string[] = []
  at.engine.exec = async (_id, [name = '']) => {
    asked.push(name)
    return {exitCode: unhealthy.has(name) ? 1 : 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0)}
  }
  return Object.assign(at, {unhealthy, asked})
}

describe('startup checks', () => {
  it('let a web dyno have requests only once they pass, while the release before serves', async () => {
    await using at = await checked()
    await at.want(shape(7, []))
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 up']))
    at.unhealthy.add('is-ready')
    await at.want(shape(8, [{...startup, attempts: 1000}]))
    await eventually(() => expect(at.asked.length).toBeGreaterThan(3))
    expect(at.ps()).toEqual(['web.1 v7 up', 'web.1 v8 starting'])
    at.unhealthy.clear()
    await eventually(() => expect(at.ps()).toEqual(['web.1 v8 up']))
    expect(await at.dynos.settled(appId, releaseId(8))).toBe(true)
  })

  it('that never pass end the dyno as a crash, and the release before goes on serving', async () => {
    await using at = await checked()
    await at.want(shape(7, []))
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 up']))
    at.unhealthy.add('is-ready')
    at.log.lines.length = 0
    await at.want(shape(8, [startup]))
    expect(await at.dynos.settled(appId, releaseId(8))).toBe(false)
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 up', 'web.1 v8 crashed']))
    expect(at.dynos.web(appId).up).toHaveLength(1)
    const said = at.log.of('web.1')
    expect(said.slice(said.indexOf('Starting process with command `serve web`') + 1).slice(0, 4)).toEqual([
      'Health check "ready" failed 3 times: ended with status 1',
      'Stopping process with SIGKILL',
      'Process exited with status 137',
      'State changed from starting to crashed',
    ])
    // Crashed, started again at once, crashed again: 3 attempts each.
    expect(at.asked).toHaveLength(6)
  })

  it('are waited for by dynos of other types too', async () => {
    await using at = await checked()
    at.unhealthy.add('is-ready')
    await at.want(shape(7, [{...startup, attempts: 1000}], 'worker'))
    await eventually(() => expect(at.asked.length).toBeGreaterThan(1))
    expect(at.ps()).toEqual(['worker.1 v7 starting'])
    at.unhealthy.clear()
    await eventually(() => expect(at.ps()).toEqual(['worker.1 v7 up']))
  })

  it('that only warn hold up nothing', async () => {
    await using at = await checked()
    at.unhealthy.add('is-ready')
    await at.want(shape(7, [{...startup, warn: true}]))
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 up']))
    expect(at.log.of('web.1')).toContain('Health check "ready" failed 3 times: ended with status 1 (only a warning)')
  })

  it('are made again when the runtime was killed before they had passed', async () => {
    await using at = await checked()
    at.unhealthy.add('is-ready')
    await at.want(shape(7, [{...startup, attempts: 1000}]))
    await eventually(() => expect(at.asked.length).toBeGreaterThan(0))
    await at.restartRuntime()
    expect(at.ps()).toEqual(['web.1 v7 starting'])
    at.unhealthy.clear()
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 up']))
  })
})

describe('liveness checks', () => {
  it('end a dyno after so many failures in a row, and another one starts', async () => {
    await using at = await checked()
    await at.want(shape(7, [liveness]))
    await eventually(() => expect(at.asked.length).toBeGreaterThan(3))
    expect(at.ps()).toEqual(['web.1 v7 up'])
    at.log.lines.length = 0
    at.unhealthy.add('is-alive')
    await eventually(() => expect(at.log.of('web.1')).toContain('State changed from up to crashed'))
    expect(at.log.of('web.1').slice(0, 3)).toEqual([
      'Health check "alive" failed 3 times: ended with status 1',
      'Stopping process with SIGKILL',
      'Process exited with status 137',
    ])
    at.unhealthy.clear()
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 up']))
  })

  it('forget failures when one passes, and watch dynos that were found running', async () => {
    await using at = await checked()
    await at.want(shape(7, [{...liveness, attempts: 10}]))
    await at.restartRuntime()
    for (let round = 0; round < 3; round += 1) {
      at.unhealthy.add('is-alive')
      const before = at.asked.length
      await eventually(() => expect(at.asked.length).toBeGreaterThan(before + 4))
      at.unhealthy.clear()
      await eventually(() => expect(at.asked.length).toBeGreaterThan(before + 8))
    }
    expect(at.log.of('web.1')).not.toContain('State changed from up to crashed')
    at.unhealthy.add('is-alive')
    await eventually(() => expect(at.log.of('web.1')).toContain('State changed from up to crashed'))
  })
})

describe('checks of dynos in an engine whose addresses lead nowhere from here', () => {
  /** Dynos whose server answers `status`, reached through `dial` only; `away`: the router cannot be asked. */
  async function inVm(): Promise<World & {server: {status: number; away: boolean; dialled: string[]}}> {
    const server = {status: 200, away: false, dialled: [] as string[]}
    const answering = createServer((_request, response) => response.writeHead(server.status).end())
    await new Promise<void>(resolve => answering.listen(0, '127.0.0.1', resolve))
    const dial: DynoManagerDeps['dial'] = async (app, {address, port}, {seconds}) => {
      server.dialled.push(`${app} ${address !== undefined} ${port} ${seconds}`)
      if (server.away) throw new PlatformError('service_unavailable', 'The router is away.')
      return connect((answering.address() as AddressInfo).port, '127.0.0.1')
    }
    const at = await world({clock: fastClock(60), engine: {inVm: true}, dial})
    const dispose = at[Symbol.asyncDispose]
    return Object.assign(at, {
      server,
      async [Symbol.asyncDispose]() {
        await dispose()
        answering.close()
      },
    })
  }
  const path = {type: 'startup', name: 'ready', path: '/ready', port: 4000, attempts: 3, wait: 1, timeout: 7}

  it('ask for a path from where the router is', async () => {
    await using at = await inVm()
    await at.want(shape(7, [path]))
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 up']))
    expect(at.server.dialled).toEqual([`${appId} true 4000 7`])
    at.server.status = 503
    await at.want(shape(8, [path]))
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 up', 'web.1 v8 crashed']))
    expect(at.log.of('web.1')).toContain('Health check "ready" failed 3 times: answered 503')
  })

  it('wait, and end nothing, while the router cannot be asked', async () => {
    await using at = await inVm()
    at.server.away = true
    await at.want(shape(7, [path, {...path, type: 'liveness'}]))
    await eventually(() => expect(at.server.dialled.length).toBeGreaterThan(6))
    expect(at.ps()).toEqual(['web.1 v7 starting'])
    const waits = 'Health check "ready" waits, for it cannot be made: The router is away.'
    expect(at.log.of('web.1').filter(line => line === waits)).toHaveLength(1)
    at.server.away = false
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 up']))
    at.server.away = true
    const before = at.server.dialled.length
    await eventually(() => expect(at.server.dialled.length).toBeGreaterThan(before + 6))
    expect(at.ps()).toEqual(['web.1 v7 up'])
    expect(at.log.of('web.1').filter(line => line.includes('failed'))).toEqual([])
  })
})

describe('a check that cannot be made', () => {
  it('is none of the dyno’s business, however long it was tried', async () => {
    const check = {...(healthChecks.parse({web: [{path: '/ready'}]})['web']?.[0] as HealthCheck), timeout: 0.1}
    const away: Dial = async signal => {
      await once(signal, 'abort')
      throw new PlatformError('service_unavailable', 'The router is away.')
    }
    const silent: Dial = async signal => {
      await once(signal, 'abort')
      throw new Error('no connection')
    }
    const never: Dial = () => new Promise(() => undefined)
    const [told, failed, lost] = await Promise.allSettled([away, silent, never].map(dial => httpProblem(check, dial)))
    expect(told).toMatchObject({status: 'rejected', reason: {message: 'The router is away.'}})
    expect([failed, lost]).toEqual(Array(2).fill({status: 'fulfilled', value: 'no answer within 0.1 s'}))
  })
})

describe('a path that is asked for', () => {
  const servers: (() => void)[] = []
  afterEach(() => {
    for (const close of servers.splice(0)) close()
  })
  const problem = async (check: Record<string, unknown>, listener: RequestListener): Promise<string | undefined> => {
    const server = createServer(listener)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    servers.push(() => {
      server.closeAllConnections()
      server.close()
    })
    const [parsed] = healthChecks.parse({web: [{path: '/ready', ...check}]})['web'] as [HealthCheck]
    const {port} = server.address() as AddressInfo
    return httpProblem(parsed, async () => connect(port, '127.0.0.1'))
  }

  it('must be answered with 2xx', async () => {
    const asked: string[] = []
    const answer =
      (status: number): RequestListener =>
      (request, response) => {
        asked.push(`${request.method} ${request.url} ${request.headers.host} ${request.headers['x-forwarded-proto']}`)
        response.writeHead(status).end()
      }
    expect(await problem({}, answer(204))).toBeUndefined()
    expect(
      await problem(
        {
          httpHeaders: [
            {name: 'X-Forwarded-Proto', value: 'https'},
            {name: 'Host', value: 'www.test'},
          ],
        },
        answer(301),
      ),
    ).toBe('answered 301')
    expect(await problem({}, answer(503))).toBe('answered 503')
    expect(asked).toEqual(['GET /ready localhost undefined', 'GET /ready www.test https', 'GET /ready localhost undefined'])
  })

  it('must contain what is looked for', async () => {
    const listener: RequestListener = (_request, response) => response.end('all is well')
    expect(await problem({content: 'well'}, listener)).toBeUndefined()
    expect(await problem({content: 'good'}, listener)).toBe('the answer does not contain "good"')
  })

  it('must be answered in time, whole', async () => {
    const late = [
      problem({timeout: 1}, () => undefined),
      problem({timeout: 1, content: 'x'}, (_request, response) => void response.write('y')),
    ]
    expect(await Promise.all(late)).toEqual(['no answer within 1 s', 'no answer within 1 s'])
    expect(await problem({}, (_request, response) => void response.destroy())).toMatch(/hang up|ECONNRESET/)
  })
})
