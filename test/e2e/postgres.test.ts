import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, it} from 'vitest'
import type {Credential} from '../../src/lib/client/data.js'
import {label} from '../../src/lib/engine/labels.js'
import {makeAuthority} from '../../src/lib/runtime/support/x509.js'
import {eventually} from '../support/eventually.js'
import {nodeManifest} from '../support/node-app.js'
import {World} from '../support/world.js'

/** Tells whether a dyno's connection, as Heroku's documentation has it made, is encrypted, and what it reads. */
const app = {
  Procfile: 'web: node index.js\n',
  'package.json': nodeManifest({dependencies: {pg: '8.16.3'}}),
  'index.js': `const http = require('http')
const {Client} = require('pg')
http.createServer(async (request, response) => {
  const client = new Client({connectionString: process.env.DATABASE_URL, ssl: {rejectUnauthorized: false}})
  try {
    await client.connect()
    const {rows} = await client.query('SELECT ssl, (SELECT word FROM words) AS word FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
    response.end(rows[0].ssl + ' ' + rows[0].word)
  } catch (error) { response.statusCode = 500; response.end(String(error)) } finally { await client.end().catch(() => {}) }
}).listen(process.env.PORT)
`,
}

let world: World
let source: string | undefined
beforeAll(async () => {
  world = await World.start()
  const folder = await world.project('shop', app)
  await world.ok('create shop', folder)
  await world.ok('addons:create heroku-postgresql:standard-0 --app shop')
  await world.ok(['pg:psql', '-c', "CREATE TABLE words (word text); INSERT INTO words VALUES ('kept')", '--app', 'shop'])
  const pushed = await world.push(folder)
  expect(pushed.exitCode, pushed.stderr).toBe(0)
})
afterAll(() => world?.[Symbol.asyncDispose]())

/** The container of DATABASE. */
async function server(): Promise<string> {
  source ??= (await world.json<{id: string}[]>('addons --app shop'))[0]?.id
  const [container] = await world.engine.observe({[label.addon]: source ?? ''})
  return container?.id as string
}

/** As the add-on's own role, beside the server. */
async function sql(text: string): Promise<string> {
  const {exitCode, stdout, stderr} = await world.engine.exec(await server(), ['psql', '-qtAX', '-v', 'ON_ERROR_STOP=1', '-c', text])
  if (exitCode !== 0) throw new Error(stderr.toString())
  return stdout.toString().trim()
}

/** psql with a connection string, over TCP; what it printed, or the error. */
async function psql(connection: string, sql: string, env: Record<string, string> = {}): Promise<string> {
  const {exitCode, stdout, stderr} = await world.engine.exec(await server(), ['psql', connection, '-qtAX', '-c', sql], {env})
  return exitCode === 0 ? stdout.toString().trim() : stderr.toString()
}

const encrypted = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'

it('clients get TLS when they ask for it, with a certificate of the local authority, and are let in without it', async () => {
  expect(await psql('host=127.0.0.1 sslmode=require', encrypted)).toBe('t')
  expect(await psql('host=127.0.0.1 sslmode=disable', encrypted)).toBe('f')
  const give = async (name: string, content: string | Buffer) =>
    world.engine.exec(await server(), ['sh', '-c', `cat > /tmp/${name}`], {stdin: Buffer.from(content)})
  await give('ca.pem', readFileSync(join(world.env['HOKKU_HOME'] as string, 'ca.pem')))
  for (const host of ['127.0.0.1', 'localhost'])
    expect(await psql(`host=${host} sslmode=verify-full sslrootcert=/tmp/ca.pem`, encrypted)).toBe('t')
  const validity = {from: new Date(Date.now() - 60_000), to: new Date(Date.now() + 86_400_000)}
  await give('other.pem', makeAuthority('somebody else', ['localhost'], validity).certificate)
  expect(await psql('host=127.0.0.1 sslmode=verify-full sslrootcert=/tmp/other.pem', encrypted)).toMatch(/certificate verify failed/)
})

it('a client library in a dyno connects as Heroku has it done', async () => {
  await world.answers('shop', 'true kept')
})

it('a rotation lets nobody in with the old password, ends connections, and the app goes on with the new one', async () => {
  const old = await world.json<Credential>('pg:credentials:url --app shop')
  const client = world.engine.exec(await server(), ['psql', '-qtAX', '-c', 'SELECT pg_sleep(600)'])
  await eventually(async () => expect(await world.ok('pg:ps --app shop')).toContain('pg_sleep(600)'))
  await world.ok('pg:credentials:rotate --app shop --confirm shop')
  expect((await client).exitCode).not.toBe(0)
  const fresh = await world.json<Credential>('pg:credentials:url --app shop')
  const [before, now] = [old.credentials[0], fresh.credentials[0]]
  expect(now?.user).toBe(before?.user)
  const connect = (password: string | undefined) => psql('host=127.0.0.1', 'SELECT word FROM words', {PGPASSWORD: password ?? ''})
  expect(await connect(before?.password)).toMatch(/password authentication failed/)
  expect(await connect(now?.password)).toBe('kept')
  expect((await world.json<{description: string}[]>('releases --app shop'))[0]?.description).toBe('Update DATABASE by heroku-postgresql')
  await world.answers('shop', 'true kept')
  // Changed in the store and in the server alike: a restart of the runtime restarts nothing.
  const running = await server()
  process.kill(await world.runtimePid(), 'SIGKILL')
  await world.ok('pg:wait --app shop')
  expect(await server()).toBe(running)
})

it('a fork has the data as it was, a password of its own, and goes its own way, while the source is written to', async () => {
  await sql('CREATE TABLE counter (n int); CREATE INDEX ON counter (n)')
  let written = 0
  let going = true
  const writing = (async () => {
    while (going) {
      await sql(`INSERT INTO counter VALUES (${written})`)
      written += 1
    }
  })()
  await eventually(async () => expect(written).toBeGreaterThan(3))
  const atLeast = written
  await world.ok('addons:create heroku-postgresql:standard-0 --as FORK --app shop -- --fork DATABASE')
  going = false
  await writing
  const forked = await world.ok(['pg:psql', 'FORK', '-c', 'SELECT count(*) AS n, max(n) + 1 AS next FROM counter', '--app', 'shop'])
  const [, n = '', next = ''] = /(\d+) \| +(\d+)/.exec(forked) ?? []
  // Every row that was there when it began, and none without those before it.
  expect(Number(n)).toBeGreaterThanOrEqual(atLeast)
  expect(n).toBe(next)
  const [own, first] = [
    await world.json<Credential>('pg:credentials:url FORK --app shop'),
    await world.json<Credential>('pg:credentials:url --app shop'),
  ]
  expect(own.credentials[0]?.password).not.toBe(first.credentials[0]?.password)
  await world.ok(['pg:psql', 'FORK', '-c', 'DELETE FROM counter', '--app', 'shop'])
  expect(await sql('SELECT count(*) FROM counter')).toBe(String(written))
})
