import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {databaseFaults} from '../contract/database-faults.js'
import {CountedDatabase} from '../support/counted-database.js'
import {eventually} from '../support/eventually.js'
import {World} from '../support/world.js'

let world: World
let database: CountedDatabase
beforeAll(async () => {
  world = await World.start()
  database = await CountedDatabase.create(world)
})
afterAll(() => world?.[Symbol.asyncDispose]())

databaseFaults(() => database, {
  victim: 'server',
  kill: async () => world.engine.kill(await database.server(), 'SIGKILL'),
  plan: {name: 'standard-2', connections: '400'},
})

databaseFaults(() => database, {
  victim: 'runtime',
  kill: async () => void process.kill(await world.runtimePid(), 'SIGKILL'),
  plan: {name: 'standard-0', connections: '200'},
})

it('a runtime that is killed while an add-on is destroyed leaves its data in a snapshot, from which it comes back whole', async () => {
  const rows = await database.rows()
  const destroying = world.hokku('addons:destroy ledger --confirm shop --app shop')
  await sleep(2000)
  process.kill(await world.runtimePid(), 'SIGKILL')
  await destroying
  await eventually(async () => {
    expect(await world.json('addons --app shop')).toEqual([])
    expect(await world.json('addons:snapshots --app shop')).toMatchObject([{name: 'ledger'}])
  }, 120_000)
  await world.ok('addons:snapshots:restore ledger --app shop')
  await database.cameBack()
  expect(await database.missing(rows)).toEqual([])
  expect(await database.hasBulk()).toBe(true)
})
