import {createServer, type RequestListener} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterEach, describe, expect, it} from 'vitest'
import {httpProblem} from '../../../../src/lib/runtime/dynos/health/http-probe.js'
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
    return httpProblem(parsed, {address: '127.0.0.1', port: (server.address() as AddressInfo).port})
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
