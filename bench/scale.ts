import {setTimeout as sleep} from 'node:timers/promises'
import type {Bench} from './bench.js'
import type {ExpressApp} from './express-app.js'
import {nodeServer} from './push.js'
import {medians} from './rounds.js'
import {atMost, type BenchRow} from './row.js'

const many = 10

/** One web dyno to ten, until each of the ten has answered a request, against ten bare containers started at once. */
export async function scaleRows(bench: Bench): Promise<BenchRow[]> {
  const {world, app} = await bench.app()
  const {slug} = await app.images(bench.bare)
  const found = await medians(bench.rounds, {
    scale: async () => {
      const began = performance.now()
      const scaled = world.ok(['ps:scale', `web=${many}`], app.folder)
      await Promise.all([scaled, everyDynoAnswers(app)])
      const took = performance.now() - began
      await world.ok('ps:scale web=1', app.folder)
      await app.settled(1)
      await sleep(500)
      return took
    },
    bare: async () => {
      const began = performance.now()
      const start = (): Promise<() => Promise<void>> => bench.bare.listening({image: slug, command: nodeServer, user: '1000'})
      const removals = await Promise.all(Array.from({length: many}, start))
      const took = performance.now() - began
      await Promise.all(removals.map(remove => remove()))
      return took
    },
  })
  const what = 'scale web 1 to 10, all answering (floor: ten bare containers at once, listening)'
  return [atMost(1.3, {what, value: found.scale, floor: found.bare, unit: 'ms'})]
}

/** The router picks at random: a few requests at a time until everybody was met. */
async function everyDynoAnswers(app: ExpressApp): Promise<void> {
  const met = new Set<string>()
  for (const deadline = performance.now() + 120_000; met.size < many; await sleep(10)) {
    for (const said of await Promise.all([app.ask(), app.ask(), app.ask(), app.ask()])) if (said !== undefined) met.add(said.dyno)
    if (performance.now() > deadline) throw new Error(`Only ${[...met].join(', ')} answer.`)
  }
}
