import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
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
    'Fork/Follow:           Unsupported',
    'Rollback:              Unsupported',
    'Continuous Protection: Off',
    'Add-on:                postgresql-cubed-12345',
    '',
    '',
  ])
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
      `   "dbname=${pathname.slice(1)} host=${hostname} port=${port} user=${username} password=${password}"`,
      'Connection URL:',
      `   ${url}`,
      '',
    ].join('\n'),
  )
  const [addon] = await platform.api<AddOn[]>('GET', '/addons')
  expect(addon?.name).toBe('postgresql-cubed-12345')
})
