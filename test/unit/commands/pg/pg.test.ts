import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {label} from '../../../../src/lib/engine/labels.js'
import type {AddOn} from '../../../../src/lib/schema/resources.js'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

/** No psql on this PATH: the one beside the server is used. */
const noPsql = {env: {PATH: '/nonexistent'}}

async function withDatabase(): Promise<TestPlatform> {
  const platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
  await platform.run('addons:create heroku-postgresql:mini --name postgresql-cubed-12345 --app demo')
  return platform
}

test('pg:info shows what the server says of itself', async () => {
  await using platform = await withDatabase()
  const {stdout} = await platform.run('pg:info --app demo')
  expect(stdout.replace(/Created: .*/, 'Created: then').split('\n')).toEqual([
    '=== DATABASE_URL',
    '',
    'Plan:                  Mini',
    'Status:                Available',
    'Connections:           2/20',
    'PG Version:            17.11',
    'Created: then',
    'Data Size:             1.0 MB',
    'Tables:                3',
    'Fork/Follow:           Forks available',
    'Rollback:              Unsupported',
    'Continuous Protection: Off',
    'Add-on:                postgresql-cubed-12345',
    '',
    '',
  ])
})

test('pg:info tells of a server that does not run, and of the others', async () => {
  await using platform = await withDatabase()
  await platform.run('addons:create heroku-postgresql:mini --name other --as OTHER --app demo')
  const {id} = platform.runtime.services.addons.get('postgresql-cubed-12345')
  const [container] = await platform.engine.observe({[label.addon]: id})
  await platform.engine.stop(container?.id as string, {graceSeconds: 0})
  const {stdout, exitCode} = await platform.run('pg:info --app demo')
  expect([exitCode, stdout.match(/Status: .*/g)?.map(line => line.split(/ +/)[1])]).toEqual([0, ['Unavailable', 'Available']])
})

test('pg:info of an app without a database says so', async () => {
  await using platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
  expect((await platform.run('pg:info --app demo')).stdout).toBe('demo has no heroku-postgresql databases.\n')
  const psql = await platform.run('pg:psql --app demo')
  expect(psql.stderr).toContain('demo has no heroku-postgresql databases.')
  expect(psql.exitCode).toBe(1)
})

describe('pg:psql', () => {
  test('runs a command beside the server and passes its exit code on', async () => {
    await using platform = await withDatabase()
    const fine = await platform.run(['pg:psql', '-c', 'select 1', '--app', 'demo'], noPsql)
    expect(fine).toMatchObject({stdout: 'asked select 1\n', stderr: '--> Connecting to postgresql-cubed-12345\n', exitCode: 0})
    const failed = await platform.run(['pg:psql', '-c', 'exit 3', '--app', 'demo'], noPsql)
    expect(failed.exitCode).toBe(3)
  })

  test('reads SQL from a file of this machine', async () => {
    await using platform = await withDatabase()
    const folder = await mkdtemp(join(tmpdir(), 'hk-sql-'))
    await writeFile(join(folder, 'seed.sql'), 'insert into t values (1)')
    const {stdout} = await platform.run(['pg:psql', '-f', join(folder, 'seed.sql'), '--app', 'demo'], noPsql)
    expect(stdout).toBe('asked insert into t values (1)\n')
    const missing = await platform.run(['pg:psql', '-f', join(folder, 'no.sql'), '--app', 'demo'], noPsql)
    expect(missing.stderr).toContain('Cannot read')
    await rm(folder, {recursive: true})
  })

  test('names the databases there are when the wanted one is not', async () => {
    await using platform = await withDatabase()
    const {stderr} = await platform.run('pg:psql GREEN --app demo', noPsql)
    expect(stderr).toContain('Unknown database: GREEN. Valid options are: DATABASE_URL')
  })
})

test('pg:reset empties the database once it is confirmed', async () => {
  await using platform = await withDatabase()
  expect((await platform.run('pg:reset --app demo')).stderr).toContain('postgresql-cubed-12345 will lose all of its data')
  expect((await platform.run('pg:reset DATABASE_URL --app demo --confirm demo')).stderr).toBe('Resetting postgresql-cubed-12345... done\n')
})

test('pg:wait says nothing when the database is there', async () => {
  await using platform = await withDatabase()
  expect(await platform.run('pg:wait --app demo')).toMatchObject({stdout: '', stderr: '', exitCode: 0})
})

test('pg:credentials:url shows the address for programs on the host', async () => {
  await using platform = await withDatabase()
  const {DATABASE_URL: url} = await platform.api<Record<string, string>>('GET', '/apps/demo/config-vars')
  const {hostname, port, username, password, pathname} = new URL(url as string)
  expect((await platform.run('pg:credentials:url --app demo')).stdout).toBe(
    [
      'Connection information for default credential.',
      'Connection info string:',
      `   "dbname=${pathname.slice(1)} host=${hostname} port=${port} user=${username} password=${password} sslmode=require"`,
      'Connection URL:',
      `   ${url}`,
      '',
    ].join('\n'),
  )
  const [addon] = await platform.api<AddOn[]>('GET', '/addons')
  expect(addon?.name).toBe('postgresql-cubed-12345')
})

describe('what a query says of the server', () => {
  const commands = [
    'blocking',
    'bloat',
    'cache-hit',
    'extensions',
    'index-size',
    'index-usage',
    'locks',
    'long-running-queries',
    'ps',
    'records-rank',
  ]
  const more = [
    'seq-scans',
    'table-indexes-size',
    'table-size',
    'total-index-size',
    'total-table-size',
    'unused-indexes',
    'user-connections',
    'vacuum-stats',
  ]
  test('is printed by a command each', async () => {
    await using platform = await withDatabase()
    for (const name of [...commands, ...more]) {
      const {stdout, exitCode} = await platform.run(`pg:${name} --app demo`, noPsql)
      expect([exitCode, stdout], name).toEqual([0, expect.stringMatching(/^asked (SELECT|WITH)/)])
    }
    expect((await platform.run('pg:locks --truncate --app demo', noPsql)).stdout).toContain('left(query, 39)')
    const all = (await platform.run('pg:ps --verbose --app demo', noPsql)).stdout
    expect([all.includes("state <> 'idle'"), all.includes('ORDER BY query_start DESC')]).toEqual([false, true])
  })

  test('pg:kill ends a query, with --force its connection, and pg:killall all', async () => {
    await using platform = await withDatabase()
    expect((await platform.run('pg:kill 1234 --app demo', noPsql)).stdout).toBe('asked SELECT pg_cancel_backend(1234)\n')
    expect((await platform.run('pg:kill 1234 --force --app demo', noPsql)).stdout).toBe('asked SELECT pg_terminate_backend(1234)\n')
    expect((await platform.run('pg:kill 1;2 --app demo', noPsql)).exitCode).toBe(2)
    expect((await platform.run('pg:killall --app demo')).stderr).toBe('Terminating connections for all credentials... done\n')
  })
})

test('pg:promote makes another database DATABASE_URL and keeps the first one reachable', async () => {
  await using platform = await withDatabase()
  await platform.run('addons:create heroku-postgresql:mini --name postgresql-round-1 --as BLUE --app demo')
  const url = async (name: string): Promise<string> => (await platform.run(`config:get ${name} --app demo`)).stdout
  const [first, second] = [await url('DATABASE_URL'), await url('BLUE_URL')]
  const {stderr, exitCode} = await platform.run('pg:promote BLUE --app demo')
  const alias = /DATABASE_URL\.\.\. (HEROKU_POSTGRESQL_[A-Z]+_URL)\n/.exec(stderr)?.[1] ?? ''
  expect([exitCode, stderr]).toEqual([
    0,
    `Ensuring an alternate alias for existing DATABASE_URL... ${alias}\nPromoting postgresql-round-1 to DATABASE_URL on demo... done\n`,
  ])
  expect([await url('DATABASE_URL'), await url(alias)]).toEqual([second, first])
  expect((await platform.run('pg:promote BLUE --app demo')).stderr).toContain('postgresql-round-1 is already promoted on demo')
  await platform.run(`pg:promote ${alias} --app demo`)
  expect([await url('DATABASE_URL'), await url('BLUE_URL')]).toEqual([first, second])
})

test('pg:credentials shows where it is attached, and rotates it once that is confirmed', async () => {
  await using platform = await withDatabase()
  await platform.api('POST', '/apps', {name: 'other'})
  await platform.run('addons:attach postgresql-cubed-12345 --app other')
  expect((await platform.run('pg:credentials --app demo')).stdout).toBe(
    [
      '  Credential                    State',
      ' ──────────────────────────────────────',
      '  default                       active',
      '  ├─ as DATABASE',
      '  └─ as DATABASE on other app',
      '',
    ].join('\n'),
  )
  const before = await platform.run('pg:credentials:url --app demo')
  expect(before.stdout).toContain('sslmode=require')
  const refused = await platform.run('pg:credentials:rotate --app demo')
  expect(refused.exitCode).toBe(1)
  expect(refused.stderr).toContain('The password for the default credential will rotate.')
  expect(refused.stderr).toContain('This command will affect the apps demo, other.')
  const rotated = await platform.run('pg:credentials:rotate --app demo --confirm demo')
  expect(rotated.stderr).toBe('Rotating default on postgresql-cubed-12345... done\n')
  expect((await platform.run('pg:credentials:url --app demo')).stdout).not.toBe(before.stdout)
  const releases = await platform.api<{description: string}[]>('GET', '/apps/other/releases')
  expect(releases.map(one => one.description)).toContain('Update DATABASE by heroku-postgresql')
  expect((await platform.run('pg:credentials:rotate --all --app demo --confirm demo')).exitCode).toBe(0)
  const unknown = await platform.run('pg:credentials:rotate --name analyst --app demo --confirm demo')
  expect(unknown.stderr).toContain('postgresql-cubed-12345 has only the credential default.')
})

test('pg:calls and pg:outliers read the statistics of statements where they are', async () => {
  await using platform = await withDatabase()
  const calls = (await platform.run('pg:calls --truncate --app demo', noPsql)).stdout
  for (const part of ['FROM public.pg_stat_statements', 'ORDER BY calls DESC', 'LIMIT 10', 'left(query, 39)']) expect(calls).toContain(part)
  const outliers = (await platform.run('pg:outliers --num 3 --app demo', noPsql)).stdout
  for (const part of ['ORDER BY total_exec_time DESC', 'LIMIT 3']) expect(outliers).toContain(part)
  expect((await platform.run('pg:outliers --reset --app demo')).stdout).toBe('Statistics reset successful.\n')
  expect((await platform.run('pg:stats-reset --app demo')).stdout).toBe('Statistics reset successful.\n')
})

test('pg:diagnose shows what is wrong first, and the same report again by its id', async () => {
  await using platform = await withDatabase()
  const {stdout} = await platform.run('pg:diagnose --app demo')
  const [id] = /[0-9a-f-]{36}/.exec(stdout) ?? []
  expect(stdout.replace(/created|creation on .*/, 'creation on then').split('\n')).toEqual([
    `Report ${id} for demo::DATABASE_URL`,
    'available for one month after creation on then',
    '',
    'RED: Schema Count',
    'Schema Count 51',
    'YELLOW: Sequences',
    '  Sequence              Used',
    ' ────────────────────────────',
    '  public.items_id_seq   80.1',
    'GREEN: Connection Count',
    '',
  ])
  expect((await platform.run(`pg:diagnose ${id} --app demo`)).stdout).toBe(stdout)
  expect(JSON.parse((await platform.run(`pg:diagnose ${id} --app demo --json`)).stdout)).toMatchObject({
    id,
    plan: 'mini',
    checks: [{}, {}, {}],
  })
  const gone = await platform.run('pg:diagnose 00000000-0000-4000-8000-000000000000 --app demo')
  expect(gone.stderr).toContain("Couldn't find that report.")
})

test('pg:upgrade:run says that there is nothing to upgrade to', async () => {
  await using platform = await withDatabase()
  const latest = await platform.run('pg:upgrade:run --app demo --confirm demo')
  expect(latest).toMatchObject({exitCode: 1, stderr: expect.stringContaining('postgresql-cubed-12345 runs PostgreSQL 17')})
  const other = await platform.run('pg:upgrade:run --version 18 --app demo --confirm demo')
  expect(other.stderr).toContain('There is no PostgreSQL 18 here, only 17')
})

test('a fork says what it was forked from', async () => {
  await using platform = await withDatabase()
  expect((await platform.run('addons:create heroku-postgresql:mini --as COPY --app demo -- --fork DATABASE')).exitCode).toBe(0)
  expect((await platform.run('pg:info COPY --app demo')).stdout).toContain('Forked From:           postgresql-cubed-12345')
  expect((await platform.run('pg:info DATABASE --app demo')).stdout).not.toContain('Forked From')
})
