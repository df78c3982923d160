import {once} from 'node:events'
import {connect} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Dyno} from '../../src/lib/schema/resources.js'
import {eventually} from '../support/eventually.js'
import {nodeManifest} from '../support/node-app.js'
import {World} from '../support/world.js'

const app = 'demo-sleep'
const index = `const server = require('http').createServer((q, r) => r.end('awake'))
server.on('upgrade', (q, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: echo\\r\\n\\r\\n')
  socket.pipe(socket)
})
server.listen(process.env.PORT)
`

/** Eco dynos, with six seconds for Heroku's thirty minutes. */
describe('an app of eco dynos', () => {
  let world: World
  let folder: string

  beforeAll(async () => {
    world = await World.start()
    world.env['HOKKU_ECO_SLEEP'] = '0.1'
    folder = await world.deployed(app, {
      'package.json': nodeManifest(),
      Procfile: 'web: node index.js\nworker: sleep infinity\n',
      'index.js': index,
    })
    await world.ok('ps:scale web=1:eco worker=1:eco', folder)
    await states({'web.1': 'up', 'worker.1': 'up'})
  })
  afterAll(() => world?.[Symbol.asyncDispose]())

  const states = (wanted: Record<string, string>): Promise<void> =>
    eventually(async () => {
      const dynos = await world.json<Dyno[]>('ps', folder)
      expect(Object.fromEntries(dynos.map(({name, state}) => [name, state]))).toEqual(wanted)
    }, 60_000)
  const asleep = async (): Promise<void> => {
    await states({'web.1': 'idle', 'worker.1': 'idle'})
    await eventually(async () => expect(await world.containersOf(app)).toEqual([]), 60_000)
  }

  it('sleeps when nobody asks, with its worker, and no container is left', async () => {
    await asleep()
    expect(await world.ok('ps', folder)).toMatch(/^web\.1: idle 20/m)
    expect(await world.ok('logs --dyno web.1 --source heroku', folder)).toMatch(
      /: Idling\n.*: State changed from up to down\n.*: Stopping all processes with SIGTERM\n.*: Process exited with status \d+\n$/,
    )
  })

  it('wakes when somebody asks: all who ask meanwhile wait, and none fails', async () => {
    const answers = await Promise.all(Array.from({length: 20}, () => world.get(app)))
    expect(answers).toEqual(Array.from({length: 20}, () => ({status: 200, body: 'awake'})))
    await states({'web.1': 'up', 'worker.1': 'up'})
    const said = await world.ok('logs --dyno web.1 --source heroku', folder)
    expect(said).toMatch(/: Unidling\n.*: State changed from down to starting\n.*: Starting process with command .*\n.*to up\n/)
    expect(said.match(/Unidling/g)).toHaveLength(1)
  })

  it('stays awake while a WebSocket is open', async () => {
    const socket = connect(world.routerPort, '127.0.0.1')
    socket.write(`GET /socket HTTP/1.1\r\nHost: ${app}.localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`)
    const [head] = (await once(socket, 'data')) as [Buffer]
    expect(String(head)).toMatch(/^HTTP\/1.1 101 /)
    await sleep(15_000)
    await states({'web.1': 'up', 'worker.1': 'up'})
    socket.write('still there?')
    expect(String((await once(socket, 'data'))[0])).toBe('still there?')
    socket.destroy()
    await asleep()
  })

  it('sleeps on when the runtime is killed, and wakes when the next one is asked', async () => {
    process.kill(await world.runtimePid(), 'SIGKILL')
    await states({'web.1': 'idle', 'worker.1': 'idle'})
    expect(await world.containersOf(app)).toEqual([])
    await world.answers(app, 'awake')
    await states({'web.1': 'up', 'worker.1': 'up'})
  })

  it('loses no request of clients that come again and again just when it falls asleep', async () => {
    const failed: string[] = []
    for (let round = 0; round < 6; round += 1) {
      await sleep(5500 + round * 200)
      const answer = await world.get(app)
      if (answer.status !== 200) failed.push(`${answer.status} ${answer.body}`)
    }
    expect(failed).toEqual([])
  })
})
