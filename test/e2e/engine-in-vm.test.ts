import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Dyno} from '../../src/lib/schema/resources.js'
import {EngineInVm} from '../support/engine-in-vm.js'
import {eventually} from '../support/eventually.js'
import {nodeManifest} from '../support/node-app.js'
import {World} from '../support/world.js'

const app = 'demo-in-vm'
const checks = {
  web: [
    {name: 'ready', path: '/ready', attempts: 12, wait: 1, timeout: 2},
    {type: 'liveness', name: 'alive', path: '/alive', content: 'yes', attempts: 2, wait: 1, timeout: 2},
  ],
}
/** Listens at once, is ready after 3 s or never, and is alive until it is told not to be: then it says nothing any more. */
const server = (version: string, ready: string): string => `const began = Date.now()
let alive = true
require('http').createServer((q, r) => {
  if (q.url === '/ready') return r.writeHead(${ready} ? 200 : 503).end()
  if (q.url === '/alive') return alive && r.end('yes')
  if (q.url === '/stick') alive = false
  if (${ready}) r.end('${version}')
  else r.writeHead(500).end('not ready')
}).listen(process.env.PORT)
`
const soon = 'Date.now() - began > 3000'

/** Where addresses of containers lead nowhere and nothing is shared but the home's files: Docker Desktop, Colima and the like. */
describe('an app in an engine that is in a VM', () => {
  let engine: EngineInVm
  let world: World
  let folder: string

  const push = (index: string): Promise<string> => world.redeployed(folder, {'index.js': index})
  const lines = (): Promise<string> => world.ok('logs -n 1500', folder)

  beforeAll(async () => {
    engine = await EngineInVm.start()
    world = await World.start({engine: engine.url})
    folder = await world.project('demo', {
      'package.json': nodeManifest(),
      'app.json': JSON.stringify({healthchecks: checks}),
      Procfile: 'web: node index.js\n',
    })
    await world.ok(`create ${app}`, folder)
    await eventually(async () => {
      const port = await world.setting('router.fallback-port')
      if (port === undefined) throw new Error('The runtime has not said where its own pages are.')
      await engine.leadTo(Number(port))
    }, 30_000)
    await push(server('one', soon))
  })
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]()
    await engine?.[Symbol.asyncDispose]()
  })

  it('is believed to be there', () => {
    expect(world.engine.capabilities).toEqual({routableAddresses: false, hostNetwork: false})
  })

  it('answers, scales, runs commands and tells of its requests', async () => {
    await world.answers(app, 'one')
    await world.ok('ps:scale web=2', folder)
    await eventually(async () => expect((await world.json<Dyno[]>('ps', folder)).map(({state}) => state)).toEqual(['up', 'up']), 60_000)
    expect(await world.ok(['run', 'echo', 'inside'], folder)).toContain('inside')
    await eventually(async () => {
      await world.answers(app, 'one', '/asked')
      expect(await lines()).toMatch(/ heroku\[router\]: at=info method=GET path="\/asked" .* dyno=web\.2 .* status=200 /)
    })
    await world.ok('ps:scale web=0', folder)
    await eventually(async () => expect((await world.get(app)).status).toBe(503), 60_000)
    await eventually(async () => expect(await lines()).toContain('at=error code=H14 desc="No web processes running"'))
    await world.ok('ps:scale web=1', folder)
    await world.answers(app, 'one')
  })

  it('gets no request before its checks pass, and loses none at the swap', async () => {
    const load = world.load(app)
    await push(server('two', soon))
    await world.answers(app, 'two')
    const {failed, bodies} = await load.stop()
    expect(failed).toEqual([])
    expect([...bodies].sort()).toEqual(['one', 'two'])
  })

  it('keeps the release that serves when a path of the next one never answers well', async () => {
    expect(await push(server('three', 'false'))).toContain('The new web dynos did not start; what served before keeps serving.')
    await world.answers(app, 'two')
    expect(await lines()).toMatch(/: Health check "ready" failed 12 times: answered 503\n.*: Stopping process with SIGKILL\n/)
  })

  it('has a dyno replaced that does not answer any more', async () => {
    await push(server('four', soon))
    await world.answers(app, 'four')
    const [before] = await world.json<Dyno[]>('ps', folder)
    await world.get(app, '/stick')
    await eventually(async () => {
      const [after, ...others] = await world.json<Dyno[]>('ps', folder)
      expect({others, state: after?.state}).toEqual({others: [], state: 'up'})
      expect(after?.id).not.toBe(before?.id)
    }, 60_000)
    expect(await lines()).toMatch(/: Health check "alive" failed 2 times: no answer within 2 s\n.*: Stopping process with SIGKILL\n/)
  })

  it('leaves when it is destroyed, and the router stays', async () => {
    await world.ok(`destroy ${app} --confirm ${app}`)
    expect(await world.containersOf(app)).toEqual([])
    await eventually(async () => expect((await world.get(app)).status).toBe(404))
  })
})
