import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Dyno} from '../../src/lib/schema/resources.js'
import {eventually} from '../support/eventually.js'
import {nodeManifest} from '../support/node-app.js'
import {World} from '../support/world.js'

const app = 'demo-dyno-faults'
const index = `require('http').createServer((q, r) => {
  if (q.url === '/fill') { const held = []; for (;;) held.push(Buffer.alloc(16 * 1024 * 1024, 1)) }
  r.end('pid ' + process.pid)
}).listen(process.env.PORT)
`
/** What can recover has done so within this, in ms, on two busy cores; docs/faults.md says it. */
const recovery = 45_000

/** What somebody, or the kernel, does to the container of a dyno. */
describe('a dyno', () => {
  let world: World
  let folder: string

  beforeAll(async () => {
    world = await World.start()
    folder = await world.deployed(app, {
      'package.json': nodeManifest(),
      Procfile: 'web: node index.js\n',
      'index.js': index,
    })
    await answers()
  })
  afterAll(() => world?.[Symbol.asyncDispose]())

  const container = async () => {
    const [only, ...others] = await world.containersOf(app)
    if (only === undefined || others.length > 0) throw new Error(`${others.length + 1} containers`)
    return only
  }
  const answers = (): Promise<void> =>
    eventually(async () => {
      const {status, body} = await world.get(app)
      if (status !== 200) throw new Error(`${status} ${body}`)
    }, recovery)
  /** `ps` says of the one dyno what the engine says. */
  const isTrue = (): Promise<void> =>
    eventually(async () => {
      const dynos = await world.json<Dyno[]>('ps', folder)
      const {state, labels, addresses} = await container()
      expect(dynos.map(dyno => `${dyno.id} ${dyno.state}`)).toEqual([`${labels['hokku.dyno-id']} up`])
      expect({state, networks: Object.keys(addresses).length}).toEqual({state: 'running', networks: 1})
    }, recovery)
  const log = (): Promise<string> => world.ok('logs --dyno web.1 --source heroku -n 20', folder)

  it('that is paused goes on, and nobody who asks meanwhile is turned away', async () => {
    const {id} = await container()
    await world.docker.getContainer(id).pause()
    expect(await world.get(app)).toMatchObject({status: 200})
    expect(await log()).toContain('Process was paused from outside. Resuming')
    await isTrue()
    expect((await container()).id).toBe(id)
  })

  it('that is paused while no runtime runs goes on when the next one starts', async () => {
    const {id} = await container()
    process.kill(await world.runtimePid(), 'SIGKILL')
    await world.docker.getContainer(id).pause()
    await world.ok('ps', folder)
    await answers()
    await isTrue()
    expect((await container()).id).toBe(id)
  })

  it('that is cut off from its network is connected again, and answers under its new address', async () => {
    const {id, addresses} = await container()
    const [network] = Object.keys(addresses) as [string]
    await world.docker.getNetwork(network).disconnect({Container: id, Force: true})
    await answers()
    await isTrue()
    expect((await container()).id).toBe(id)
    expect(await log()).toContain('Process was cut off from its network. Reconnecting')
  })

  it('that fills its memory is killed with R15, and another one takes its place', async () => {
    const before = await container()
    // HAProxy closes without a word when the connection that it kept to the dyno breaks.
    const asked = await world.get(app, '/fill').catch(() => ({status: 503}))
    expect(asked.status).toBe(503)
    await answers()
    await isTrue()
    expect((await container()).id).not.toBe(before.id)
    expect(await log()).toMatch(
      /Error R15 \(Memory quota vastly exceeded\)\n(.*\n)*?.*Process exited with status 137\n.*State changed from up to crashed\n/,
    )
  })
})
