import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, expect, it} from 'vitest'
import type {Transfer} from '../../src/lib/client/transfers.js'
import {label} from '../../src/lib/engine/labels.js'
import {eventually} from '../support/eventually.js'
import {World} from '../support/world.js'

let world: World
let addonId: string
beforeAll(async () => {
  world = await World.start()
  await world.ok('create shop')
  await world.ok('addons:create heroku-postgresql:standard-0 --name ledger --app shop')
  addonId = (await world.json<{id: string}[]>('addons --app shop'))[0]?.id as string
  // Enough that a dump and a restore take a while.
  await sql('CREATE TABLE counter (n int PRIMARY KEY); CREATE TABLE bulk (line text)')
  await sql('INSERT INTO bulk SELECT md5(i::text) || md5((i + 7)::text) FROM generate_series(1, 600000) i')
})
afterAll(() => world?.[Symbol.asyncDispose]())

async function server(): Promise<string> {
  return (await world.engine.observe({[label.addon]: addonId}))[0]?.id as string
}

async function sql(text: string): Promise<string> {
  const {exitCode, stdout, stderr} = await world.engine.exec(await server(), ['psql', '-qtAX', '-v', 'ON_ERROR_STOP=1', '-c', text])
  if (exitCode !== 0) throw new Error(stderr.toString())
  return stdout.toString().trim()
}

let next = 0

/** Inserts one row after the other, whatever happens; those that were acknowledged are kept. */
function counting(): {stop(): Promise<number[]>} {
  const acknowledged: number[] = []
  let going = true
  const work = (async () => {
    while (going) {
      const n = next
      next += 1
      await sql(`INSERT INTO counter VALUES (${n})`).then(
        () => acknowledged.push(n),
        () => sleep(100),
      )
    }
  })()
  return {
    async stop() {
      going = false
      await work
      return acknowledged
    },
  }
}

const victims = {
  server: async (): Promise<void> => world.engine.kill(await server(), 'SIGKILL'),
  runtime: async (): Promise<void> => void process.kill(await world.runtimePid(), 'SIGKILL'),
}

/** Does something while rows are counted, kills a victim in the middle, and waits until the database serves again; the rows acknowledged. */
async function broken(command: string, victim: keyof typeof victims, after: number): Promise<number[]> {
  const counter = counting()
  await sleep(500)
  const doing = world.hokku(command)
  await sleep(after)
  await victims[victim]()
  await doing
  await world.ok('pg:wait --app shop')
  await eventually(async () => expect(await sql('SELECT 1')).toBe('1'), 60_000)
  await sleep(500)
  const rows = await counter.stop()
  expect(rows.length).toBeGreaterThan(2)
  return rows
}

async function missing(rows: number[]): Promise<number[]> {
  const there = new Set((await sql('SELECT n FROM counter')).split('\n').map(Number))
  return rows.filter(n => !there.has(n))
}

const last = async (): Promise<Transfer | undefined> => (await world.json<Transfer[]>('pg:backups --app shop'))[0]

for (const victim of ['server', 'runtime'] as const) {
  it(`a ${victim} that is killed in a backup costs no acknowledged row, and the backup is whole or failed`, async () => {
    const rows = await broken('pg:backups:capture --app shop', victim, 2500)
    expect(await missing(rows)).toEqual([])
    await eventually(async () => expect((await last())?.finished_at).toEqual(expect.any(String)), 60_000)
    const backup = await last()
    if (backup?.succeeded) await world.ok('pg:backups:verify --app shop')
    await world.ok('pg:backups:capture --app shop')
    await world.ok('pg:backups:verify --app shop')
  })

  it(`a ${victim} that is killed in a plan change costs no acknowledged row, and addons:info says what runs`, async () => {
    const plan = victim === 'server' ? 'standard-2' : 'standard-0'
    const rows = await broken(`addons:upgrade ledger heroku-postgresql:${plan}`, victim, 2000)
    expect(await missing(rows)).toEqual([])
    await eventually(async () => {
      const {plan: said, state} = await world.json<{plan: {name: string}; state: string}>('addons:info ledger')
      const limit = await sql('SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user')
      expect({said: said.name, state, limit}).toEqual({
        said: `heroku-postgresql:${plan}`,
        state: 'provisioned',
        limit: plan === 'standard-2' ? '400' : '200',
      })
    }, 60_000)
  })

  it(`a ${victim} that is killed in a restore costs no acknowledged row unless the restore came first`, async () => {
    const good = (await world.json<Transfer[]>('pg:backups --app shop')).find(one => one.to_type === 'gof3r' && one.succeeded)
    const name = `b${String(good?.num).padStart(3, '0')}`
    const before = await broken(`pg:backups:restore ${name} DATABASE_URL --confirm shop --app shop`, victim, 3000)
    await eventually(async () => expect((await last())?.finished_at).toEqual(expect.any(String)), 60_000)
    const restore = await last()
    expect(restore).toMatchObject({to_type: 'pg_restore'})
    if (!restore?.succeeded) expect(await missing(before)).toEqual([])
    expect(await sql('SELECT count(*) FROM bulk')).toBe('600000')
    const left = "SELECT count(*) FROM pg_database WHERE datname ~ '^(restore|gone)-'"
    await eventually(async () => expect(await sql(left)).toBe('0'), 60_000)
  })
}

it('a runtime that is killed while an add-on is destroyed leaves its data in a snapshot, from which it comes back whole', async () => {
  const rows = (await sql('SELECT n FROM counter')).split('\n').map(Number)
  const destroying = world.hokku('addons:destroy ledger --confirm shop --app shop')
  await sleep(2000)
  process.kill(await world.runtimePid(), 'SIGKILL')
  await destroying
  await eventually(async () => {
    expect(await world.json('addons --app shop')).toEqual([])
    expect(await world.json('addons:snapshots --app shop')).toMatchObject([{name: 'ledger'}])
  }, 120_000)
  await world.ok('addons:snapshots:restore ledger --app shop')
  addonId = (await world.json<{id: string}[]>('addons --app shop'))[0]?.id as string
  expect(await missing(rows)).toEqual([])
  expect(await sql('SELECT count(*) FROM bulk')).toBe('600000')
})
