import {randomUUID} from 'node:crypto'
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, expect, it} from 'vitest'
import type {Transfer} from '../../src/lib/client/transfers.js'
import {label} from '../../src/lib/engine/labels.js'
import {eventually} from '../support/eventually.js'
import {World} from '../support/world.js'

/** Rows that compress badly, with all that a dump may forget: a sequence, an index, an extension, a view, a large object; and a long table of contents. */
const content = `
CREATE EXTENSION hstore;
CREATE TABLE items (id serial PRIMARY KEY, name text NOT NULL, tags hstore);
INSERT INTO items (name, tags) SELECT md5(i::text) || md5((i + 7)::text), hstore('n', i::text) FROM generate_series(1, 100000) i;
CREATE INDEX ON items (name);
CREATE VIEW counted AS SELECT count(*) AS n FROM items;
SELECT lo_from_bytea(4711, 'a large object');
CREATE FUNCTION long() RETURNS int LANGUAGE sql AS $$ SELECT 42 /* ${'long '.repeat(700_000)} */ $$;
INSERT INTO items (name) VALUES ('PLANTED-${randomUUID()}');
`
/** Tells whether all of that is there and usable by the app's own role. */
const summary = `SELECT (SELECT n FROM counted), (SELECT tags -> 'n' FROM items WHERE id = 77), nextval('items_id_seq') > 100001,
 (SELECT count(*) FROM pg_indexes WHERE tablename = 'items'), convert_from(lo_get(4711), 'UTF8'), long(), (SELECT string_agg(DISTINCT tableowner, ',') = current_user FROM pg_tables WHERE schemaname = 'public')`
const whole = '100001|77|t|2|a large object|42|t'

let world: World
beforeAll(async () => {
  world = await World.start()
  await world.ok('create shop')
  await world.ok('addons:create heroku-postgresql:standard-0 --app shop')
  expect(await sql(content)).toContain('CREATE VIEW')
})
afterAll(() => world?.[Symbol.asyncDispose]())

/** As the add-on's own role, beside the server. */
async function sql(text: string, app = 'shop'): Promise<string> {
  const container = await server(app)
  const {exitCode, stdout, stderr} = await world.engine.exec(container, ['psql', '-qtAX', '-v', 'ON_ERROR_STOP=1'], {
    stdin: Buffer.from(text),
  })
  if (exitCode !== 0) throw new Error(stderr.toString())
  return text === content ? 'CREATE VIEW' : stdout.toString().trim()
}

async function server(app = 'shop'): Promise<string> {
  const [addon] = await world.json<{id: string}[]>(`addons --app ${app}`)
  const [container] = await world.engine.observe({[label.addon]: addon?.id ?? ''})
  return container?.id as string
}

/** How many sessions wait for a lock; only the superuser sees those of others. */
async function waiting(): Promise<string> {
  const question = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
  const {stdout} = await world.engine.exec(await server(), [
    'psql',
    '-h',
    '/run/postgresql',
    '-U',
    'postgres',
    '-d',
    'postgres',
    '-qtAXc',
    question,
  ])
  return stdout.toString().trim()
}

const transfers = (): Promise<Transfer[]> => world.json<Transfer[]>('pg:backups --app shop')
const backups = (): string[] => readdirSync(join(world.env['HOKKU_HOME'] as string, 'backups'))
const restore = 'pg:backups:restore b001 DATABASE_URL --confirm shop --app shop'

/** Nobody works for a transfer any more, and nothing of one lies about. */
async function nothingLeft(): Promise<void> {
  const left = `SELECT (SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'transfer%'), (SELECT count(*) FROM pg_database WHERE datname ~ '^(restore|gone)-')`
  await eventually(async () => {
    expect(await sql(left)).toBe('0|0')
    const {stdout} = await world.engine.exec(await server(), ['sh', '-c', 'ls /data /tmp | grep transfer'])
    expect(stdout.toString()).toBe('')
  }, 30_000)
}

it('every query about the server is one that it understands', async () => {
  const names = readdirSync(join(import.meta.dirname, '../../src/commands/pg')).filter(file => file.endsWith('.ts'))
  const queries = names.filter(file =>
    readFileSync(join(import.meta.dirname, '../../src/commands/pg', file), 'utf8').match(/extends (Query|Sql|Statement)Command/),
  )
  expect(queries.length).toBeGreaterThan(20)
  await sql('CREATE EXTENSION pg_stat_statements')
  for (const file of queries) {
    const command = `pg:${file.replace('.ts', '')}${file === 'kill.ts' ? ' 1' : ''}`
    expect(await world.ok(`${command} --app shop`), command).toMatch(/\n-+(\+-+)*\n(.*\n)*\(\d+ rows?\)/)
  }
  expect(await world.ok('pg:table-size --app shop')).toMatch(/items +\| \d+ MB/)
  const client = world.engine.exec(await server(), ['psql', '-qtAX', '-c', 'SELECT pg_sleep(600)'])
  await eventually(async () => expect(await world.ok('pg:ps --app shop')).toContain('pg_sleep(600)'))
  await world.ok('pg:killall --app shop')
  expect((await client).stderr.toString()).toMatch(/terminating connection/)
})

it('a capture is a file that nobody can read, and a dump for whoever downloads it', async () => {
  await world.ok('pg:backups:capture --app shop')
  const [file = ''] = backups()
  const bytes = readFileSync(join(world.env['HOKKU_HOME'] as string, 'backups', file))
  expect(bytes.includes('PGDMP')).toBe(false)
  await world.ok('pg:backups:download --output shop.dump --app shop')
  expect(readFileSync(join(world.directory, 'shop.dump')).subarray(0, 5).toString()).toBe('PGDMP')
  const [one] = await transfers()
  expect(one).toMatchObject({num: 1, succeeded: true, warnings: 0})
  expect(one?.source_bytes).toBeGreaterThan(20_000_000)
  await nothingLeft()
})

it('a verification restores all of a dump and keeps nothing of it; of one that is damaged it fails', async () => {
  expect(await world.ok('pg:backups:verify --app shop')).toBe('Tables: 1\nRows: 100001\n')
  await nothingLeft()
  const file = join(world.env['HOKKU_HOME'] as string, 'backups', backups()[0] as string)
  const sealed = readFileSync(file)
  writeFileSync(file, sealed.subarray(0, sealed.length - 1000))
  const {exitCode, stderr} = await world.hokku('pg:backups:verify --app shop')
  writeFileSync(file, sealed)
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('damaged')])
  expect(await sql(summary)).toMatch(/^100001\|77\|t/)
  await nothingLeft()
})

it('a restore brings everything back while clients are connected', async () => {
  await sql('DELETE FROM items WHERE id > 5; SELECT lo_unlink(4711); CREATE TABLE later (x int)')
  const client = world.engine.exec(await server(), ['psql', '-qtAX', '-c', 'SELECT pg_sleep(600)'])
  await world.ok(restore)
  expect((await client).stderr.toString()).toMatch(/terminating connection/)
  expect(await sql(summary)).toBe(whole)
  await expect(sql('TABLE later')).rejects.toThrow('"later" does not exist')
  await nothingLeft()
})

it('a dump that breaks off leaves the data as it was, and says so', async () => {
  const {createServer} = await import('node:http')
  const dump = readFileSync(join(world.directory, 'shop.dump'))
  const web = createServer((_, response) => response.end(dump.subarray(0, dump.length / 2)))
  await new Promise<void>(resolve => web.listen(0, '127.0.0.1', resolve))
  await sql('CREATE TABLE present (x int)')
  const url = `http://127.0.0.1:${(web.address() as {port: number}).port}/half.dump`
  const {exitCode, stderr} = await world.hokku(`pg:backups:restore ${url} DATABASE_URL --confirm shop --app shop`)
  web.close()
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('Its data is as it was.')])
  expect(await sql('SELECT count(*) FROM present')).toBe('0')
  expect(await sql(summary)).toBe(whole)
  await nothingLeft()
})

it('a capture that waits is cancelled, inside of the server too', async () => {
  const locked = world.engine.exec(await server(), ['psql', '-qtAX', '-c', 'BEGIN; LOCK TABLE items; SELECT pg_sleep(600)'])
  const capture = world.hokku('pg:backups:capture --app shop')
  await eventually(async () => expect(await waiting()).toBe('1'))
  await world.ok('pg:backups:cancel --app shop')
  expect(await capture).toMatchObject({exitCode: 1, stderr: expect.stringContaining('It was canceled.')})
  await sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%LOCK TABLE%' AND pid <> pg_backend_pid()")
  await locked
  expect(backups()).toHaveLength(1)
  await nothingLeft()
})

it('a killed runtime has lost no row and tells the truth; the next capture works', async () => {
  const locked = world.engine.exec(await server(), ['psql', '-qtAX', '-c', 'BEGIN; LOCK TABLE items; SELECT pg_sleep(600)'])
  const capture = world.hokku('pg:backups:capture --app shop')
  await eventually(async () => expect(await waiting()).toBe('1'))
  process.kill(await world.runtimePid(), 'SIGKILL')
  await capture
  await sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%LOCK TABLE%' AND pid <> pg_backend_pid()")
  await locked
  expect((await transfers())[0]).toMatchObject({succeeded: false, finished_at: expect.any(String)})
  await eventually(async () => expect(backups()).toHaveLength(1))
  await nothingLeft()
  await world.ok('pg:backups:capture --app shop')
  expect(backups()).toHaveLength(2)
})

it('whoever is killed while a restore goes on, the data is the old or the new, and whole', async () => {
  for (const [round, victim] of (['server', 'runtime'] as const).entries()) {
    await sql(`CREATE TABLE IF NOT EXISTS round (n int); DELETE FROM round; INSERT INTO round VALUES (${round})`)
    const restoring = world.hokku(restore)
    await sleep(1000 + 1000 * round)
    if (victim === 'runtime') process.kill(await world.runtimePid(), 'SIGKILL')
    else await world.engine.kill(await server(), 'SIGKILL')
    await restoring
    await world.ok('pg:wait --app shop')
    // The old data has the round's table; the backup has none.
    await eventually(async () => {
      expect((await transfers())[0]?.finished_at).toEqual(expect.any(String))
      const old = await sql("SELECT count(*) FROM pg_tables WHERE tablename = 'round'")
      if (old === '1') expect(await sql('SELECT n FROM round')).toBe(String(round))
      expect(await sql(summary)).toBe(whole)
    }, 60_000)
  }
  await world.ok(restore)
  expect(await sql(summary)).toBe(whole)
  await nothingLeft()
})

it('a copy fills the database of another app', async () => {
  await world.ok('create staging')
  await world.ok('addons:create heroku-postgresql:standard-0 --app staging')
  await world.ok('pg:copy shop::DATABASE_URL DATABASE_URL --app staging --confirm staging')
  expect(await sql(summary, 'staging')).toBe(whole)
})

it('backups outlive their database, and go with their app', async () => {
  await world.ok('addons:destroy heroku-postgresql --app shop --confirm shop')
  await world.ok('pg:backups:restore shop::b001 DATABASE_URL --app staging --confirm staging')
  expect(await sql(summary, 'staging')).toBe(whole)
  await world.ok('apps:destroy shop --confirm shop')
  expect(backups()).toEqual([])
  expect(existsSync(join(world.env['HOKKU_HOME'] as string, 'backups'))).toBe(true)
})
