import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {label} from '../../src/lib/engine/labels.js'
import {eventually} from '../support/eventually.js'
import {nodeManifest} from '../support/node-app.js'
import {World} from '../support/world.js'

const index = `let n = 0
const boot = Date.now()
setInterval(() => console.log('tick', boot, n++), 100)
require('http').createServer((q, r) => r.end('pid ' + process.pid + ' ' + process.env.DYNO)).listen(process.env.PORT)
`

/** The runtime is disposable: killing it loses nothing that was accepted and stops no app. */
describe('a killed runtime', () => {
  let world: World
  let folder: string

  beforeAll(async () => {
    world = await World.start()
    folder = await world.deployed('demo-restart', {'package.json': nodeManifest(), Procfile: 'web: node index.js\n', 'index.js': index})
    await world.ok('ps:scale web=2', folder)
    await eventually(async () => expect(await containers()).toHaveLength(2), 60_000)
    await eventually(
      async () => expect((await world.json<{state: string}[]>('ps', folder)).map(dyno => dyno.state)).toEqual(['up', 'up']),
      60_000,
    )
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it('leaves its apps serving, and the next one restarts none of them', async () => {
    const before = await containers()
    const load = world.load('demo-restart')
    await world.ok('config:set BEFORE=kill --app demo-restart').catch(() => undefined)
    await eventually(async () => expect(new Set(await containers())).not.toEqual(new Set(before)), 60_000)
    await eventually(
      async () => expect((await world.json<{state: string}[]>('ps', folder)).map(dyno => dyno.state)).toEqual(['up', 'up']),
      60_000,
    )
    // Those before answer what they have begun, and are gone then.
    await eventually(async () => expect(await containers()).toHaveLength(2), 60_000)
    const running = await containers()
    const workers = await routerProcesses()
    process.kill(await world.runtimePid(), 'SIGKILL')
    await new Promise(resolve => setTimeout(resolve, 1500))
    expect(await world.ok('config:get BEFORE', folder)).toBe('kill\n')
    expect((await world.json<{name: string; state: string}[]>('ps', folder)).map(dyno => `${dyno.name} ${dyno.state}`)).toEqual([
      'web.1 up',
      'web.2 up',
    ])
    const {sent, failed} = await load.stop()
    expect(failed).toEqual([])
    expect(sent).toBeGreaterThan(100)
    expect(await containers()).toEqual(running)
    // A reload would be a new one, and close connections that clients kept.
    expect(await routerProcesses()).toEqual(workers)
  })

  it('loses no line of a dyno that went on printing, and doubles none', async () => {
    await eventually(async () => {
      const ticks = [...(await world.ok('logs -n 1500 --dyno web.1', folder)).matchAll(/ tick (\d+) (\d+)/g)]
      // The dyno before, of the same name, still ticks while this one starts.
      const boot = ticks.map(match => Number(match[1])).reduce((a, b) => Math.max(a, b), 0)
      const last = ticks.filter(match => Number(match[1]) === boot).map(match => Number(match[2]))
      expect(last.length).toBeGreaterThan(20)
      expect(last).toEqual(last.map((_, index) => index))
    }, 30_000)
  })

  it('keeps what was scaled, and a dyno that died meanwhile is started again', async () => {
    const [victim] = await containers()
    process.kill(await world.runtimePid(), 'SIGKILL')
    await world.engine.remove(victim as string)
    await world.ok('ps', folder)
    await eventually(async () => {
      expect((await world.json<{name: string; state: string}[]>('ps', folder)).map(dyno => `${dyno.name} ${dyno.state}`)).toEqual([
        'web.1 up',
        'web.2 up',
      ])
    }, 60_000)
    expect(await containers()).toHaveLength(2)
  })

  async function routerProcesses(): Promise<string[]> {
    const filter = {[label.home]: (await world.homeId()) as string, [label.kind]: 'router'}
    const [router] = await world.engine.observe(filter)
    const {Processes} = (await world.docker.getContainer(router?.id ?? '').top({ps_args: '-eo pid,comm'})) as {Processes: string[][]}
    return Processes.flatMap(([pid = '', command]) => (command === 'haproxy' ? [pid] : []))
  }

  async function containers(): Promise<string[]> {
    const found = await world.containersOf('demo-restart')
    return found
      .filter(one => one.state === 'running' && one.labels[label.kind] === 'dyno')
      .map(one => one.id)
      .sort()
  }
})
