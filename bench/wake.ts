import type {Dyno} from '../src/lib/schema/resources.js'
import {eventually} from '../test/support/eventually.js'
import type {Bench} from './bench.js'
import {ExpressApp} from './express-app.js'
import {nodeServer} from './push.js'
import {medians, time} from './rounds.js'
import {atMost, type BenchRow} from './row.js'

/** The first request to an app that sleeps until it is answered, against a bare create and start of the same image. */
export async function wakeRows(bench: Bench): Promise<BenchRow[]> {
  const world = await bench.world(async ({env}) => {
    env['HOKKU_ECO_SLEEP'] = '0.05'
  })
  const app = await ExpressApp.create(world, 'sleeper')
  await app.push(await app.change())
  await world.ok(['ps:type', 'web=eco', '--app', app.name])
  const {slug} = await app.images(bench.bare)
  const asleep = (): Promise<void> =>
    eventually(async () => {
      const states = (await world.json<Dyno[]>(['ps', '--app', app.name])).map(({state}) => state)
      if (states.join() !== 'idle') throw new Error(`${app.name} is ${states}`)
      await app.settled(0)
    }, 60_000)
  const found = await medians(bench.rounds, {
    wake: async () => {
      await asleep()
      return await time(async () => {
        const {status, body} = await world.get(app.name)
        if (status !== 200) throw new Error(`${app.name} answers ${status}: ${body}`)
      })
    },
    bare: async () => {
      await asleep()
      const began = performance.now()
      const remove = await bench.bare.listening({image: slug, command: nodeServer, user: '1000'})
      const took = performance.now() - began
      await remove()
      return took
    },
  })
  const what = 'first request to an app that sleeps until its answer (floor: bare create and start)'
  return [atMost(1.5, {what, value: found.wake, floor: found.bare, unit: 'ms'})]
}
