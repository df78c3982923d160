import {Hono} from 'hono'
import {describe, expect, it} from 'vitest'
import {dynoRoutes} from '../../../../../src/lib/runtime/server/routes/dynos.js'
import type {Api, ApiEnv, Services} from '../../../../../src/lib/runtime/server/services.js'
import {notFound, PlatformError} from '../../../../../src/lib/schema/errors.js'
import type {Dyno} from '../../../../../src/lib/schema/resources.js'
import {eventually} from '../../../../support/eventually.js'
import {appId, releaseId, type World, wantedApp, world} from '../../dynos/support.js'

describe('dyno routes', () => {
  it('list and show dynos as the Platform API does', async () => {
    await using at = await running()
    const {status, json} = await call<Dyno[]>(at, 'GET', '/apps/demo/dynos')
    expect(status).toBe(200)
    expect(json).toEqual([
      {
        attach_url: null,
        command: 'serve web',
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        name: 'web.1',
        release: {id: releaseId(8), version: 8},
        app: {id: appId, name: 'demo'},
        size: 'Basic',
        state: 'up',
        type: 'web',
        updated_at: expect.stringMatching(/Z$/),
      },
    ])
    expect((await call(at, 'GET', '/apps/demo/dynos/web.1')).json).toEqual(json[0])
    expect((await call(at, 'GET', `/apps/demo/dynos/${json[0]?.id}`)).json).toEqual(json[0])
    expect(await call(at, 'GET', '/apps/demo/dynos/web.2')).toMatchObject({status: 404, json: {id: 'not_found', resource: 'dyno'}})
    expect(await call(at, 'GET', '/apps/nope/dynos')).toMatchObject({status: 404, json: {resource: 'app'}})
  })

  it('start an attached one-off dyno with a terminal unless that is forbidden', async () => {
    await using at = await running()
    const env = {TERM: 'xterm', COLUMNS: '120', LINES: '50'}
    const {status, json} = await call<Dyno>(at, 'POST', '/apps/demo/dynos', {command: 'stty size', attach: true, env})
    expect(status).toBe(201)
    expect(json).toMatchObject({name: 'run.5000', type: 'run', state: 'starting', command: 'stty size'})
    expect(await output(at, json)).toBe('50 120\r\n')
    const plain = await call<Dyno>(at, 'POST', '/apps/demo/dynos', {command: 'stty size; echo $?', attach: true, env, force_no_tty: true})
    expect(await output(at, plain.json)).toBe('1\n')
  })

  it('start a detached one-off dyno of a type and size', async () => {
    await using at = await running()
    const given = {command: 'sleep 1', attach: false, type: 'scheduler', size: 'standard-2x', time_to_live: 60}
    const {status, json} = await call<Dyno>(at, 'POST', '/apps/demo/dynos', given)
    expect(status).toBe(201)
    expect(json).toMatchObject({name: 'scheduler.5000', size: 'Standard-2X', attach_url: null})
  })

  it.each([
    [{}, /command/],
    [{command: ''}, /command/],
    [{command: 'ls', time_to_live: 90_000}, /at most 86400/],
    [{command: 'ls', size: 'huge'}, /No such dyno size: huge/],
    [{command: 'ls', env: {'A=B': 'x'}}, /env/],
    [{command: 'ls', type: 'a b'}, /process type/],
  ])('refuse %j', async (given, message) => {
    await using at = await running()
    expect(await call(at, 'POST', '/apps/demo/dynos', given)).toMatchObject({
      status: 422,
      json: {id: 'invalid_params', message: expect.stringMatching(message)},
    })
  })

  it('run a command inside a dyno', async () => {
    await using at = await running()
    const {status, json} = await call<Dyno>(at, 'POST', '/apps/demo/dynos/web.1', {command: 'echo here', force_no_tty: true})
    expect(status).toBe(201)
    expect(json.name).toBe('web.1')
    expect(await output(at, json)).toBe('here\n')
  })

  it.each([
    ['DELETE', '/apps/demo/dynos'],
    ['DELETE', '/apps/demo/dynos/web.1'],
    ['DELETE', '/apps/demo/formations/web'],
    ['POST', '/apps/demo/dynos/web.1/actions/stop'],
    ['POST', '/apps/demo/formations/web/actions/stop'],
  ])('%s %s puts another dyno in its place', async (method, path) => {
    await using at = await running()
    const [before] = at.dynos.list(appId)
    expect(await call(at, method, path)).toEqual({status: 202, json: {}})
    await eventually(() => {
      const after = at.dynos.list(appId)
      expect(after.map(one => one.state)).toEqual(['up'])
      expect(after[0]?.id).not.toBe(before?.id)
    })
  })

  it.each([
    ['DELETE', '/apps/demo/dynos/web.9'],
    ['DELETE', '/apps/demo/formations/clock'],
    ['POST', '/apps/demo/dynos/run.1/actions/stop'],
    ['POST', '/apps/demo/formations/clock/actions/stop'],
  ])('%s %s finds nothing', async (method, path) => {
    await using at = await running()
    expect(await call(at, method, path)).toMatchObject({status: 404, json: {id: 'not_found'}})
  })
})

async function running(): Promise<World> {
  const at = await world()
  await at.want({version: 8, formation: {web: 1}})
  await at.dynos.settled(appId, releaseId(8))
  return at
}

async function call<T = unknown>(at: World, method: string, path: string, body?: unknown): Promise<{status: number; json: T}> {
  const api: Api = new Hono<ApiEnv>()
  api.use(async (c, next) => {
    c.set('caller', {id: 'me', email: 'me@example.com'})
    await next()
  })
  api.onError((error, c) => {
    if (!(error instanceof PlatformError)) throw error
    return c.json(error.toJSON(), error.status as 404)
  })
  dynoRoutes(api, {
    dynos: at.dynos,
    engine: at.engine,
    pushedImages: {} as Services['pushedImages'],
    releases: {current: () => undefined} as unknown as Services['releases'],
    addresses: {api: () => '', rendezvous: () => '127.0.0.1:5080', router: () => undefined},
    apps: {
      resolve(name: string) {
        if (name !== 'demo') throw notFound('app')
        return wantedApp({version: 8, formation: {}}).app
      },
    } as unknown as Services['apps'],
  })
  const response = await api.request(path, {method, ...(body !== undefined && {body: JSON.stringify(body)})})
  return {status: response.status, json: (await response.json()) as T}
}

async function output(at: World, dyno: Dyno): Promise<string> {
  const secret = /^rendezvous:\/\/127\.0\.0\.1:5080\/([\w-]+)$/.exec(dyno.attach_url ?? '')?.[1]
  const attached = at.dynos.claim(secret ?? '')
  let read = ''
  for await (const data of attached?.stream ?? []) read += String(data)
  return read
}
