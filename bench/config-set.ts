import {setTimeout as sleep} from 'node:timers/promises'
import type {Bench} from './bench.js'
import {nodeServer} from './push.js'
import {medians} from './rounds.js'
import {atMost, type BenchRow} from './row.js'

/** `config:set` until a dyno with the new value answers, against a bare create and start of the same image. */
export async function configSetRows(bench: Bench): Promise<BenchRow[]> {
  const {world, app} = await bench.app()
  const {slug} = await app.images(bench.bare)
  let count = 0
  const found = await medians(bench.rounds, {
    set: async () => {
      count += 1
      const greeting = `greeting-${Date.now()}-${count}`
      const began = performance.now()
      const set = world.hokku(['config:set', `GREETING=${greeting}`], app.folder)
      const answered = await app.until(said => said.greeting === greeting, set)
      await set
      await app.settled(1)
      await sleep(500)
      return answered - began
    },
    bare: async () => {
      const began = performance.now()
      const remove = await bench.bare.listening({image: slug, command: nodeServer, user: '1000'})
      const took = performance.now() - began
      await remove()
      return took
    },
  })
  const what = 'config:set until the new release answers (floor: bare create and start)'
  return [atMost(1.5, {what, value: found.set, floor: found.bare, unit: 'ms'})]
}
