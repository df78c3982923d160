import {randomUUID} from 'node:crypto'
import {setTimeout as sleep} from 'node:timers/promises'
import type {World} from '../test/support/world.js'
import type {Bench} from './bench.js'
import {absolute, type BenchRow} from './row.js'
import {Sessions} from './sessions.js'
import {Traffic} from './traffic.js'

/** As many as the row promises to have asked. */
const leastRequests = 100_000
const app = 'steady'

const files = (version: string): Record<string, string> => ({
  'package.json': JSON.stringify({name: app, version: '1.0.0', private: true, engines: {node: '22.x'}}),
  Procfile: 'web: node server.js\n',
  // A session is lines that come back; the last one says that its server goes.
  'server.js': `// ${version}
const server = require('http').createServer((request, response) => setTimeout(() => response.end('here'), 5))
const sessions = new Set()
server.on('upgrade', (request, socket) => {
  sessions.add(socket)
  socket.on('close', () => sessions.delete(socket)).on('error', () => undefined)
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: lines\\r\\n\\r\\n')
  socket.pipe(socket, {end: false})
})
server.listen(process.env.PORT)
process.on('SIGTERM', () => {
  for (const socket of sessions) socket.end('bye\\n')
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
`,
})

/** What a user may do to an app that is used, again and again until enough has been asked: nothing may be lost, and no session be cut. */
export async function zeroDowntimeRows(bench: Bench): Promise<BenchRow[]> {
  const world = await bench.world()
  const folder = await world.project(app, files('first'))
  await world.ok(['create', app], folder)
  await push(world, folder)
  await world.ok('ps:scale web=2', folder)
  await world.answers(app, 'here')
  const traffic = new Traffic(world.routerPort, `${app}.localhost`, {keptAlive: 14, fresh: 2})
  const sessions = new Sessions(world.routerPort, `${app}.localhost`, 8)
  const counts = new Map<string, number>()
  while (traffic.sent < leastRequests)
    for (const [name, change] of Object.entries(changes(world, folder))) {
      await change()
      counts.set(name, (counts.get(name) ?? 0) + 1)
      await sleep(500)
    }
  const [asked, held] = [await traffic.stop(), await sessions.stop()]
  console.error(`${[...counts].map(([name, count]) => `${count} × ${name}`).join(', ')}; ${held.ended} sessions ended by their dyno`)
  for (const failure of [...asked.failures, ...held.cut].slice(0, 20)) console.error(`  lost: ${failure}`)
  return [
    absolute(0, {what: `requests lost of ${asked.sent} while the app is changed`, value: asked.failures.length, unit: 'requests'}),
    absolute(0, {what: `upgraded sessions cut of ${held.opened} meanwhile`, value: held.cut.length, unit: 'sessions'}),
  ]
}

function changes(world: World, folder: string): Record<string, () => Promise<unknown>> {
  return {
    deploy: async () => {
      await world.write(folder, files(randomUUID()))
      await world.commit(folder, 'next')
      await push(world, folder)
    },
    'config change': () => world.ok(['config:set', `NOW=${randomUUID()}`], folder).then(() => settled(world, folder, 2)),
    'scale up': () => world.ok('ps:scale web=5', folder).then(() => settled(world, folder, 5)),
    'scale down': () => world.ok('ps:scale web=2', folder).then(() => settled(world, folder, 2)),
    restart: () => world.ok('ps:restart', folder).then(() => settled(world, folder, 2)),
    rollback: () => world.ok('rollback', folder).then(() => settled(world, folder, 2)),
    'router reload': () => reloadRouter(world),
  }
}

async function push(world: World, folder: string): Promise<void> {
  const {exitCode, stderr} = await world.push(folder)
  if (exitCode !== 0) throw new Error(`git push ended with ${exitCode}:\n${stderr}`)
}

/** Until that many dynos of the newest release run, and no others are left. */
async function settled(world: World, folder: string, dynos: number): Promise<void> {
  await world.ok('ps:wait', folder)
  for (let tries = 0; (await world.containersOf(app)).length !== dynos; tries += 1) {
    if (tries > 600) throw new Error(`${app} does not come to ${dynos} dynos.`)
    await sleep(100)
  }
}

/** As HAProxy does it when its configuration has changed: the old worker finishes, a new one takes the sockets over. */
async function reloadRouter(world: World): Promise<void> {
  const mine = {'hokku.home': (await world.homeId()) as string, 'hokku.kind': 'router'}
  for (const {id} of await world.engine.observe(mine)) await world.engine.kill(id, 'SIGUSR2')
  await sleep(1000)
}
