import {afterAll, beforeAll, describe} from 'vitest'
import {label} from '../../src/lib/engine/labels.js'
import {databaseFaults} from '../contract/database-faults.js'
import {CountedDatabase} from '../support/counted-database.js'
import {OwnEngine, whyNoOwnEngine} from '../support/own-engine.js'
import {World} from '../support/world.js'

const missing = whyNoOwnEngine()
if (missing !== undefined) console.warn(`SKIPPED: no engine was killed under a database: ${missing}.`)

/** A Docker engine of the test's own, since others test in the machine's. */
describe.skipIf(missing !== undefined)('a database', () => {
  let engine: OwnEngine
  let world: World
  let database: CountedDatabase

  beforeAll(async () => {
    engine = await OwnEngine.start()
    await engine.take(await images())
    world = await World.start({engine: engine.url})
    database = await CountedDatabase.create(world)
  })
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]()
    await engine?.[Symbol.asyncDispose]()
  })

  databaseFaults(() => database, {
    victim: 'engine',
    async kill() {
      await engine.down('SIGKILL')
      await engine.up()
    },
    plan: {name: 'standard-2', connections: '400'},
  })
})

/** What a database and the router need, made once where the internet is. */
async function images(): Promise<string[]> {
  await using world = await World.start()
  await world.ok('create shop')
  await world.ok('addons:create heroku-postgresql:standard-0 --app shop')
  const containers = await world.engine.observe({[label.home]: (await world.homeId()) as string})
  const named = containers.map(async ({id}) => (await world.docker.getContainer(id).inspect()).Config.Image)
  return ['debian:13-slim', ...(await Promise.all(named))]
}
