import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Credential, DatabaseInfo} from '../../src/lib/client/data.js'
import {label} from '../../src/lib/engine/labels.js'
import {eventually} from '../support/eventually.js'
import {World} from '../support/world.js'

let world: World
beforeAll(async () => {
  world = await World.start()
  await world.ok('create shop')
  await world.ok('create reports')
  await world.ok('addons:create heroku-postgresql:standard-0 --name ledger --app shop')
  await sql('ledger', 'CREATE TABLE counter (n int)')
})
afterAll(() => world?.[Symbol.asyncDispose]())

async function server(addon: string): Promise<string> {
  const {id} = await world.json<{id: string}>(`addons:info ${addon}`)
  return (await world.engine.observe({[label.addon]: id}))[0]?.id as string
}

/** As the add-on's own role, beside its server. */
async function sql(addon: string, text: string, connection = ''): Promise<string> {
  const command = ['psql', connection, '-qtAX', '-v', 'ON_ERROR_STOP=1', '-c', text]
  const {exitCode, stdout, stderr} = await world.engine.exec(await server(addon), command)
  if (exitCode !== 0) throw new Error(stderr.toString())
  return stdout.toString().trim()
}

async function info(addon: string, app = 'shop'): Promise<Record<string, string>> {
  const [found] = await world.json<DatabaseInfo[]>(`pg:info ${addon} --app ${app}`)
  return Object.fromEntries((found?.info ?? []).map(({name, values}) => [name, values.join(', ')]))
}

const rows = (addon: string): Promise<string> => sql(addon, "SELECT coalesce(string_agg(n::text, ',' ORDER BY n), '') FROM counter")

/** A moment by the server's clock, with nothing else in it. */
async function moment(): Promise<string> {
  await sleep(20)
  const at = await sql('ledger', "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')")
  await sleep(20)
  return `${at}+00`
}

const create = (plan: string, name: string, app: string, ...options: string[]): string[] => [
  ...['addons:create', `heroku-postgresql:${plan}`, '--name', name, '--app', app],
  ...options,
]

const victims = {
  server: async (): Promise<void> => world.engine.kill(await server('ledger'), 'SIGKILL'),
  runtime: async (): Promise<void> => void process.kill(await world.runtimePid(), 'SIGKILL'),
}

async function serves(addon: string): Promise<void> {
  await eventually(async () => expect(await sql(addon, 'SELECT 1')).toBe('1'), 60_000)
}

describe('rollback', () => {
  let before: string

  it('brings the data back as it was at a moment, in a database of its own, and leaves the first one alone', async () => {
    await eventually(
      async () => expect((await info('ledger'))['Rollback']).toMatch(/^earliest from \d{4}-\d\d-\d\d \d\d:\d\d UTC$/),
      60_000,
    )
    expect((await info('ledger'))['Continuous Protection']).toBe('On')
    // The archive's names are whole seconds.
    await sleep(1500)
    await sql('ledger', 'INSERT INTO counter VALUES (1)')
    before = await moment()
    await sql('ledger', 'INSERT INTO counter VALUES (2)')
    const between = await moment()
    await sql('ledger', 'DROP TABLE counter')
    await world.ok(create('standard-0', 'as-it-was', 'shop', '--rollback', 'DATABASE', '--to', before))
    expect(await rows('as-it-was')).toBe('1')
    await sql('as-it-was', 'INSERT INTO counter VALUES (10)')
    await world.ok(create('essential-0', 'as-it-was-later', 'reports', '--rollback', 'shop::DATABASE_URL', '--to', between))
    expect(await rows('as-it-was-later')).toBe('1,2')
    await expect(rows('ledger')).rejects.toThrow('relation "counter" does not exist')
    expect((await info('as-it-was'))['Rolled Back From']).toContain('ledger, as it was')
    const [own, first] = await Promise.all(
      ['as-it-was', 'ledger'].map(name => world.json<Credential>(`pg:credentials:url ${name} --app shop`)),
    )
    expect(own?.credentials[0]?.password).not.toBe(first?.credentials[0]?.password)
    await sql('ledger', 'CREATE TABLE counter (n int); INSERT INTO counter VALUES (1)')
    await world.ok('addons:destroy as-it-was-later --confirm reports --app reports')
  })

  it('says what cannot be gone back to', async () => {
    const refused = async (...options: string[]): Promise<string> => {
      const {exitCode, stderr} = await world.hokku(create('standard-0', 'no', 'shop', ...options))
      expect(exitCode).toBe(1)
      return stderr
    }
    expect(await refused('--rollback', 'DATABASE', '--by', '3 days')).toMatch(/cannot be rolled back to .* the earliest\s+(›\s+)?there is/s)
    expect(await refused('--rollback', 'DATABASE', '--to', '2099-01-01 00:00+00')).toContain('in the future')
    expect(await refused('--rollback', 'NOTHING', '--by', '1 minute')).toContain("Couldn't find that add-on")
    expect((await world.json<unknown[]>('addons --app shop')).length).toBe(2)
  })

  it('goes back behind a rotation of credentials, and a rolled back database has a past of its own', async () => {
    await world.ok('pg:credentials:rotate DATABASE --app shop --confirm shop')
    await sql('ledger', 'DELETE FROM counter')
    await world.ok(create('standard-0', 'before-rotation', 'shop', '--rollback', 'ledger', '--to', before))
    expect(await rows('before-rotation')).toBe('1')
    await world.ok('addons:destroy before-rotation --confirm shop --app shop')
    await eventually(async () => expect((await info('as-it-was'))['Rollback']).toMatch(/^earliest from/), 60_000)
    await sleep(1500)
    const own = await moment()
    await sql('as-it-was', 'DELETE FROM counter')
    await world.ok(create('standard-0', 'second-life', 'shop', '--rollback', 'as-it-was', '--to', own))
    expect(await rows('second-life')).toBe('1,10')
    for (const name of ['as-it-was', 'second-life']) await world.ok(`addons:destroy ${name} --confirm shop --app shop`)
  })

  it('keeps no more than there is room for, and says what is left', async () => {
    const archive = async (...words: string[]): Promise<string> => {
      const {stdout, stderr, exitCode} = await world.engine.exec(await server('ledger'), ['database-archive', ...words], {
        env: {ARCHIVE_ROOM: '1000'},
      })
      if (exitCode !== 0) throw new Error(stderr.toString())
      return stdout.toString().trim()
    }
    const files = async (): Promise<string> =>
      (await world.engine.exec(await server('ledger'), ['find', '/archive/base', '/archive/wal'])).stdout.toString()
    const first = await archive('window')
    await sql('ledger', 'INSERT INTO counter SELECT generate_series(100, 5000); DELETE FROM counter')
    await archive('base')
    const segments = (await files()).match(/wal\/[0-9A-F]{24}\.zst/g) ?? []
    await archive('prune')
    expect(Number(await archive('window'))).toBeGreaterThan(Number(first))
    const left = (await files()).match(/wal\/[0-9A-F]{24}\.zst/g) ?? []
    expect(left.length).toBeLessThan(segments.length)
    expect((await files()).match(/base\/\d+$/gm)).toHaveLength(1)
    const modes = await world.engine.exec(await server('ledger'), ['find', '/archive', '-type', 'f', '-perm', '/077'])
    expect(modes.stdout.toString()).toBe('')
    await sleep(2000)
    const kept = await moment()
    await sql('ledger', 'INSERT INTO counter VALUES (3)')
    await world.ok(create('standard-0', 'from-what-is-left', 'shop', '--rollback', 'ledger', '--to', kept))
    expect(await rows('from-what-is-left')).toBe('')
    await world.ok('addons:destroy from-what-is-left --confirm shop --app shop')
  })

  for (const victim of ['server', 'runtime'] as const)
    it(`is whole or told to have failed when the ${victim} is killed in the middle`, async () => {
      await sql(
        'ledger',
        'CREATE TABLE IF NOT EXISTS bulk (line text); INSERT INTO bulk SELECT md5(i::text) FROM generate_series(1, 200000) i',
      )
      const wanted = await moment()
      const [there, bulk] = [await rows('ledger'), await sql('ledger', 'SELECT count(*) FROM bulk')]
      await sql('ledger', 'DELETE FROM bulk')
      const name = `broken-${victim}`
      const creating = world.hokku(create('standard-0', name, 'shop', '--rollback', 'ledger', '--to', wanted))
      await eventually(async () => expect((await world.hokku(`addons:info ${name}`)).exitCode).toBe(0))
      await victims[victim]()
      await creating
      await serves('ledger')
      await world.ok(`pg:wait ${name} --app shop`)
      expect([await rows(name), await sql(name, 'SELECT count(*) FROM bulk')]).toEqual([there, bulk])
      await world.ok(`addons:destroy ${name} --confirm shop --app shop`)
    })
})

describe('a follower', () => {
  it('has what its leader has, can be read only, and says whom it follows', async () => {
    await world.ok(create('standard-0', 'mirror', 'reports', '--follow', 'shop::DATABASE'))
    const there = await rows('ledger')
    await eventually(async () => expect(await rows('mirror')).toBe(there), 30_000)
    await expect(sql('mirror', 'INSERT INTO counter VALUES (0)')).rejects.toThrow('read-only transaction')
    await eventually(
      async () => expect(await info('mirror', 'reports')).toMatchObject({Following: 'ledger', 'Behind By': '0 commits'}),
      30_000,
    )
    expect((await info('ledger'))['Followers']).toBe('mirror')
    const behind = await world.hokku(create('standard-0', 'chained', 'reports', '--follow', 'mirror'))
    expect(behind.stderr).toContain('mirror is a follower of ledger itself')
  })

  it('goes on after its leader, the runtime and itself were killed, and after the password was rotated', async () => {
    const gets = async (n: number): Promise<void> => {
      await serves('ledger')
      await sql('ledger', `INSERT INTO counter VALUES (${n})`)
      await eventually(async () => expect(await sql('mirror', `SELECT count(*) FROM counter WHERE n = ${n}`)).toBe('1'), 60_000)
    }
    await victims.server()
    await gets(21)
    await victims.runtime()
    await gets(22)
    await world.engine.kill(await server('mirror'), 'SIGKILL')
    await gets(23)
    await world.ok('pg:credentials:rotate DATABASE --app shop --confirm shop')
    await gets(24)
    const [leader, follower] = [
      await world.json<Credential>('pg:credentials:url --app shop'),
      await world.json<Credential>('pg:credentials:url --app reports'),
    ]
    expect(follower.credentials).toEqual(leader.credentials)
    expect((await world.hokku('pg:credentials:rotate --app reports --confirm reports')).stderr).toContain('has the credentials of ledger')
  })

  it('copies everything again when its leader has no WAL for it any more', async () => {
    const mirror = await server('mirror')
    await world.engine.pause(mirror)
    const superuser = 'host=/run/postgresql user=postgres dbname=postgres'
    // A leader that was put back, or one whose follower was away for too long, keeps nothing for it.
    await sql('ledger', 'SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active', superuser)
    await eventually(() => sql('ledger', 'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots', superuser), 30_000)
    for (let n = 0; n < 4; n += 1) {
      await sql('ledger', `INSERT INTO counter VALUES (${30 + n})`)
      await sql('ledger', 'SELECT pg_switch_wal()', superuser)
      await sql('ledger', 'CHECKPOINT', superuser)
    }
    await world.engine.resume(mirror)
    const there = await rows('ledger')
    await eventually(async () => expect(await rows('mirror')).toBe(there), 120_000)
  })

  for (const victim of ['server', 'runtime'] as const)
    it(`comes to be, or is told to have failed, when the ${victim} is killed while it is made`, async () => {
      const name = `follows-${victim}`
      const creating = world.hokku(create('standard-0', name, 'reports', '--follow', 'ledger'))
      await eventually(async () => expect((await world.hokku(`addons:info ${name}`)).exitCode).toBe(0))
      await victims[victim]()
      await creating
      await serves('ledger')
      await world.ok(`pg:wait ${name} --app reports`)
      expect(await rows(name)).toBe(await rows('ledger'))
      await world.ok(`addons:destroy ${name} --confirm reports --app reports`)
      const slots = 'SELECT count(*) FROM pg_replication_slots'
      expect(await sql('ledger', slots)).toBe('1')
    })

  it('is a database of its own when it follows no more, and can be promoted', async () => {
    expect((await world.hokku('pg:unfollow ledger --app shop --confirm shop')).stderr).toContain('ledger is not a follower')
    const asked = await world.hokku('pg:unfollow mirror --app reports')
    expect(asked.stderr).toContain('mirror will become writeable and no longer follow ledger. This cannot be undone.')
    await world.ok('addons:attach mirror --as MIRROR --app shop')
    const promoted = await world.hokku('pg:promote MIRROR --app shop')
    expect(promoted.stderr).toContain('currently a follower database in read-only mode')
    await world.ok('pg:unfollow mirror --app shop --confirm shop')
    await sql('mirror', 'INSERT INTO counter VALUES (50)')
    await sql('ledger', 'INSERT INTO counter VALUES (51)')
    expect(await sql('mirror', 'SELECT count(*) FROM counter WHERE n IN (50, 51)')).toBe('1')
    expect(await info('mirror')).not.toHaveProperty('Following')
    expect(await info('ledger')).not.toHaveProperty('Followers')
    expect(await sql('ledger', 'SELECT count(*) FROM pg_replication_slots')).toBe('0')
    await eventually(async () => expect((await info('mirror'))['Rollback']).toMatch(/^earliest from/), 60_000)
  })

  it('keeps a leader from being destroyed by mistake, and outlives it otherwise, with all it had', async () => {
    await world.ok(create('standard-0', 'heir', 'reports', '--follow', 'mirror'))
    const refused = await world.hokku('addons:destroy mirror --confirm reports --app reports')
    expect(refused.stderr).toContain('mirror is also attached to shop')
    await world.ok('addons:detach MIRROR --app shop')
    await world.ok('addons:detach DATABASE --app shop')
    expect((await world.hokku('addons:destroy mirror --confirm reports --app reports')).stderr).toContain('mirror is followed by heir')
    await sql('mirror', 'INSERT INTO counter SELECT generate_series(1000, 60000)')
    await world.ok('addons:destroy mirror --force --confirm reports --app reports')
    expect(await sql('heir', 'SELECT count(*) FROM counter WHERE n >= 1000')).toBe('59001')
    await sql('heir', 'INSERT INTO counter VALUES (52)')
    await world.ok('addons:destroy heir --confirm reports --app reports')
  })
})

describe('a connection pool', () => {
  it('is attached under a name of its own, lends a connection for each transaction, and is detached', async () => {
    const attached = await world.hokku('pg:connection-pooling:attach ledger --as DATABASE_CONNECTION_POOL --app shop')
    expect(attached.stderr).toContain('Enabling Connection Pooling on ledger to shop... done')
    const url = (await world.ok('config:get DATABASE_CONNECTION_POOL_URL --app shop')).trim()
    const {username, password, pathname} = new URL(url)
    const pool = `postgres://${username}:${password}@127.0.0.1:6432${pathname}`
    expect(await sql('ledger', 'SHOW transaction_read_only', pool)).toBe('off')
    // Between its statements a client has no connection: another one gets the same.
    const who = 'psql "$1" -qtAXc \'SELECT pg_backend_pid()\''
    const shared = `psql "$1" -qtAX <<< "SELECT pg_backend_pid();\n\\! ${who.replaceAll('"', '\\"')}\nSELECT pg_backend_pid();"`
    const {stdout} = await world.engine.exec(await server('ledger'), ['bash', '-c', shared, '-', pool])
    const [first, other, again] = stdout.toString().trim().split('\n')
    expect([other, again]).toEqual([first, first])
    expect(first).toMatch(/^\d+$/)
    // From this machine too, by the port of the config var.
    const outside = await world.exec('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${new URL(url).port}`], world.directory)
    expect(outside.exitCode).toBe(0)
    await world.ok('pg:credentials:rotate ledger --app shop --confirm shop')
    const fresh = new URL((await world.ok('config:get DATABASE_CONNECTION_POOL_URL --app shop')).trim())
    expect(fresh.password).not.toBe(password)
    expect(await sql('ledger', 'SELECT 1', `postgres://${fresh.username}:${fresh.password}@127.0.0.1:6432${pathname}`)).toBe('1')
    await expect(sql('ledger', 'SELECT 1', pool)).rejects.toThrow('authentication failed')
    await world.ok('addons:detach DATABASE_CONNECTION_POOL --app shop')
    expect(await world.json('config --app shop')).not.toHaveProperty('DATABASE_CONNECTION_POOL_URL')
  })
})
