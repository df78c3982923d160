import {expect, it} from 'vitest'
import type {Transfer} from '../../src/lib/client/transfers.js'
import type {CountedDatabase} from '../support/counted-database.js'
import {eventually} from '../support/eventually.js'

interface Fault {
  victim: string
  kill(): Promise<void>
  /** Plans to change to and their connection limits; not the one that the database has. */
  plan: {name: string; connections: string}
}

/** What every database promises, whoever is killed in the middle of a backup, a change of its plan and a restore. */
export function databaseFaults(database: () => CountedDatabase, {victim, kill, plan}: Fault): void {
  it(`a backup in which the ${victim} is killed costs no acknowledged row, and is whole or failed`, async () => {
    const {world} = database()
    const rows = await database().broken('pg:backups:capture --app shop', kill, 2500)
    expect(await database().missing(rows)).toEqual([])
    if ((await database().lastTransfer()).succeeded) await world.ok('pg:backups:verify --app shop')
    await world.ok('pg:backups:capture --app shop')
    await world.ok('pg:backups:verify --app shop')
  })

  it(`a plan change in which the ${victim} is killed costs no acknowledged row, and addons:info says what runs`, async () => {
    const rows = await database().broken(`addons:upgrade ledger heroku-postgresql:${plan.name}`, kill, 2000)
    expect(await database().missing(rows)).toEqual([])
    await eventually(async () => {
      const {plan: said, state} = await database().world.json<{plan: {name: string}; state: string}>('addons:info ledger')
      const limit = await database().sql('SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user')
      expect({said: said.name, state, limit}).toEqual({
        said: `heroku-postgresql:${plan.name}`,
        state: 'provisioned',
        limit: plan.connections,
      })
    }, 60_000)
  })

  it(`a restore in which the ${victim} is killed costs no acknowledged row, unless it has replaced them all`, async () => {
    const all = await database().world.json<Transfer[]>('pg:backups --app shop')
    const good = all.find(one => one.to_type === 'gof3r' && one.succeeded)
    const name = `b${String(good?.num).padStart(3, '0')}`
    const before = await database().broken(`pg:backups:restore ${name} DATABASE_URL --confirm shop --app shop`, kill, 3000)
    const restore = await database().lastTransfer()
    expect(restore).toMatchObject({to_type: 'pg_restore'})
    if (!restore.succeeded) expect(await database().missing(before)).toEqual([])
    expect(await database().hasBulk()).toBe(true)
    const left = "SELECT count(*) FROM pg_database WHERE datname ~ '^(restore|gone)-'"
    await eventually(async () => expect(await database().sql(left)).toBe('0'), 60_000)
  })
}
