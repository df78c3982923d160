import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {label} from '../../src/lib/engine/labels.js'
import {eventually} from '../support/eventually.js'
import {LocalPostgres} from '../support/local-postgres.js'
import {World} from '../support/world.js'

const content = `
CREATE EXTENSION hstore;
CREATE TABLE items (id serial PRIMARY KEY, name text NOT NULL, tags hstore);
INSERT INTO items (name, tags) SELECT md5(i::text), hstore('n', i::text) FROM generate_series(1, 20000) i;
CREATE TABLE noise (line text);
INSERT INTO noise SELECT md5(i::text) FROM generate_series(1, 100) i;
CREATE VIEW counted AS SELECT count(*) AS n FROM items;
SELECT lo_from_bytea(4711, 'a large object');
`
const summary = `SELECT (SELECT n FROM counted), (SELECT tags -> 'n' FROM items WHERE id = 77), nextval('items_id_seq') > 20000,
 convert_from(lo_get(4711), 'UTF8'), (SELECT count(*) FROM noise)`
const whole = '20000|77|t|a large object|100'

describe.skipIf(!LocalPostgres.available)('databases of this machine (skipped where it has no PostgreSQL server)', () => {
  let world: World
  let local: LocalPostgres
  beforeAll(async () => {
    local = await LocalPostgres.start()
    world = await World.start()
    Object.assign(world.env, local.env)
    local.sql('postgres', 'CREATE DATABASE mine')
    local.sql('mine', content)
    await world.ok('create shop')
    await world.ok('addons:create heroku-postgresql:standard-0 --app shop')
  })
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]()
    await local?.[Symbol.asyncDispose]()
  })

  const server = async (): Promise<string> => {
    const [addon] = await world.json<{id: string}[]>('addons --app shop')
    return (await world.engine.observe({[label.addon]: addon?.id ?? ''}))[0]?.id as string
  }
  const sql = async (text: string): Promise<string> => {
    const {exitCode, stdout, stderr} = await world.engine.exec(await server(), ['psql', '-qtAX', '-v', 'ON_ERROR_STOP=1', '-c', text])
    if (exitCode !== 0) throw new Error(stderr.toString())
    return stdout.toString().trim()
  }
  const tables = (): Promise<string> => sql('SELECT count(*) FROM pg_stat_user_tables')
  it('pg:push whose source breaks off leaves the target as empty as it was, and says why', async () => {
    const holder = world.exec('psql', ['-qX', '-d', 'mine', '-c', 'BEGIN; LOCK TABLE items; SELECT pg_sleep(600)'], world.directory)
    const waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    await eventually(async () =>
      expect(local.sql('mine', "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%LOCK TABLE%' AND state = 'active'")).not.toBe('0'),
    )
    const push = world.hokku('pg:push mine DATABASE_URL --app shop')
    await eventually(async () => expect(local.sql('mine', waits)).toBe('1'), 30_000)
    await local.kill()
    expect(await push).toMatchObject({exitCode: 1, stderr: expect.stringMatching(/pg_dump: error/)})
    await holder
    await local.run()
    expect(await tables()).toBe('0')
    await eventually(async () => {
      const {stdout} = await world.engine.exec(await server(), ['sh', '-c', 'ls /data /tmp | grep transfer'])
      expect(stdout.toString()).toBe('')
    }, 30_000)
  })

  it('pg:push fills an empty database with all there is, but for rows that are to stay', async () => {
    const pushed = await world.hokku('pg:push mine DATABASE_URL --app shop')
    expect(pushed).toMatchObject({
      exitCode: 0,
      stdout: 'Pushing complete.\n',
      stderr: expect.stringMatching(/^Pushing mine to postgresql-\S+\.\.\. done\n$/),
    })
    expect(await sql(summary)).toBe(whole)
    await world.ok('pg:reset --app shop --confirm shop')
    await world.ok('pg:push mine DATABASE_URL --app shop --exclude-table-data noise;nothing')
    expect(await sql(summary)).toBe(whole.replace(/100$/, '0'))
  })

  it('pg:push refuses a target that is not empty, and a source that is not there', async () => {
    const refused = await world.hokku('pg:push mine DATABASE_URL --app shop')
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('Remote database is not empty. Please create a new database or use hokku pg:reset')
    expect((await world.hokku('pg:push nowhere DATABASE_URL --app shop')).stderr).toContain('database "nowhere" does not exist')
  })

  it('pg:pull makes a database with all there is, older than the server though this machine may be', async () => {
    await sql('INSERT INTO noise SELECT md5(i::text) FROM generate_series(1, 100) i')
    expect(await world.ok('pg:pull DATABASE_URL yours --app shop')).toBe('Pulling complete.\n')
    expect(local.sql('yours', summary)).toBe(whole)
  })

  it('pg:pull refuses a target that exists, and one elsewhere that is not empty', async () => {
    expect((await world.hokku('pg:pull DATABASE_URL mine --app shop')).stderr).toContain('database "mine" already exists')
    expect(local.sql('mine', summary)).toBe(whole)
    const url = (await world.json<Record<string, string>>('config --app shop'))['DATABASE_URL'] as string
    const refused = await world.hokku(`pg:pull DATABASE_URL ${url} --app shop`)
    expect(refused.stderr).toContain('Remote database is not empty.')
    expect(refused.stderr).not.toContain(new URL(url).password)
  })

  it('pg:pull whose source breaks off leaves nothing behind', async () => {
    const holder = world.engine.exec(await server(), ['psql', '-qtAX', '-c', 'BEGIN; LOCK TABLE items; SELECT pg_sleep(600)'])
    const asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    const superuser = ['psql', '-h', '/run/postgresql', '-U', 'postgres', '-d', 'postgres', '-qtAXc', asked]
    const pull = world.hokku('pg:pull DATABASE_URL broken --app shop')
    await eventually(async () => {
      const {stdout} = await world.engine.exec(await server(), superuser)
      expect(stdout.toString().trim()).toBe('1')
    }, 30_000)
    await world.engine.kill(await server(), 'SIGKILL')
    expect((await pull).exitCode).not.toBe(0)
    await holder.catch(() => undefined)
    expect(local.databases()).toEqual(['mine', 'postgres', 'yours'])
    await world.ok('pg:wait --app shop')
  })
})
