import {expect, test} from 'vitest'
import {label} from '../../../../src/lib/engine/labels.js'
import type {AddOn} from '../../../../src/lib/schema/resources.js'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

async function withDatabase(): Promise<TestPlatform> {
  const platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
  await platform.run('addons:create heroku-postgresql:standard-0 --name ledger --app demo')
  return platform
}

test('a follower is made by a flag, also as an option, and both sides show it', async () => {
  await using platform = await withDatabase()
  expect((await platform.run('addons:create heroku-postgresql:standard-0 --name mirror --follow DATABASE --app demo')).exitCode).toBe(0)
  expect((await platform.run('addons:create heroku-postgresql:standard-0 --name second --app demo -- --follow ledger')).exitCode).toBe(0)
  expect((await platform.run('pg:info mirror --app demo')).stdout).toContain('Following:             ledger\n')
  expect((await platform.run('pg:info ledger --app demo')).stdout).toContain('Followers:             mirror, second\n')
  const {following, leader} = await platform.api<{following: string; leader: string}>('GET', '/client/v11/databases/mirror')
  const url = (await platform.run('config:get DATABASE_URL --app demo')).stdout.trim()
  expect({following, leader}).toEqual({following: url, leader: 'ledger'})
})

test('pg:unfollow wants a follower and a confirmation', async () => {
  await using platform = await withDatabase()
  await platform.run('addons:create heroku-postgresql:standard-0 --name mirror --follow DATABASE --app demo')
  expect(await platform.run('pg:unfollow ledger --app demo --confirm demo')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('ledger is not a follower'),
  })
  const asked = await platform.run('pg:unfollow mirror --app demo')
  expect(asked).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('mirror will become writeable and no longer follow ledger. This cannot be undone.'),
  })
  expect(await platform.run('pg:unfollow mirror --app demo --confirm demo')).toMatchObject({
    exitCode: 0,
    stderr: 'mirror unfollowing... done\n',
  })
  expect((await platform.run('pg:info mirror --app demo')).stdout).not.toContain('Following')
})

test('a leader is destroyed with --force only', async () => {
  await using platform = await withDatabase()
  await platform.run('addons:create heroku-postgresql:standard-0 --name mirror --follow DATABASE --app demo')
  expect((await platform.run('addons:destroy ledger --confirm demo --app demo')).stderr).toContain('ledger is followed by mirror.')
  expect((await platform.run('addons:destroy ledger --force --confirm demo --app demo')).exitCode).toBe(0)
  expect((await platform.run('pg:info mirror --app demo')).stdout).not.toContain('Following')
})

test('a rollback is made by flags, and says what it was', async () => {
  await using platform = await withDatabase()
  const {id} = await platform.api<AddOn>('GET', '/addons/ledger')
  const [server] = await platform.engine.observe({[label.addon]: id})
  platform.engine.data.set(server?.id as string, {text: 'rows', window: String(Math.floor(Date.now() / 1000) - 7200)})
  const create = ['addons:create', 'heroku-postgresql:standard-0', '--name', 'back', '--app', 'demo', '--rollback', 'DATABASE']
  const refused = await platform.run([...create, '--by', '3 hours'])
  expect(refused).toMatchObject({exitCode: 1, stderr: expect.stringContaining('the earliest there is')})
  expect(await platform.run([...create])).toMatchObject({exitCode: 1, stderr: expect.stringContaining('A rollback needs a time')})
  expect((await platform.run(['addons:create', 'heroku-postgresql', '--app', 'demo', '--by', '1 hour'])).exitCode).toBe(2)
  expect((await platform.run([...create, '--by', '1 hour'])).exitCode).toBe(0)
  expect((await platform.run('pg:info back --app demo')).stdout).toMatch(/Rolled Back From: +ledger, as it was \d{4}-/)
})

test('pg:connection-pooling:attach gives the pool a name in the app, which pg:promote hands on', async () => {
  await using platform = await withDatabase()
  expect(await platform.run('pg:connection-pooling:attach --app demo')).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(
      /^Enabling Connection Pooling on ledger to demo\.\.\. done\nSetting DATABASE_CONNECTION_POOL config vars and restarting demo\.\.\. done, v\d+\n$/,
    ),
  })
  const url = async (name: string): Promise<URL> => new URL((await platform.run(`config:get ${name} --app demo`)).stdout.trim())
  const [direct, pooled] = [await url('DATABASE_URL'), await url('DATABASE_CONNECTION_POOL_URL')]
  expect(pooled.port).not.toBe(direct.port)
  expect({...directParts(pooled)}).toEqual(directParts(direct))
  await platform.run('addons:create heroku-postgresql:standard-0 --name mirror --as MIRROR --follow DATABASE --app demo')
  const promoted = await platform.run('pg:promote MIRROR --app demo')
  expect(promoted.stderr).toMatch(
    /HEROKU_POSTGRESQL_[A-Z]+_URL\nPromoting mirror to DATABASE_URL on demo... done\nReattaching pooler to new leader... done\n/,
  )
  expect(promoted.stderr).toContain('currently a follower database in read-only mode')
  const attachments = await platform.api<{name: string; namespace: string | null; addon: {name: string}}[]>(
    'GET',
    '/apps/demo/addon-attachments',
  )
  expect(attachments.find(one => one.name === 'DATABASE_CONNECTION_POOL')).toMatchObject({
    namespace: 'connection-pooling:default',
    addon: {name: 'mirror'},
  })
  await platform.run('addons:detach DATABASE_CONNECTION_POOL --app demo')
  expect((await platform.run('config --app demo')).stdout).not.toContain('CONNECTION_POOL')
  await platform.run('addons:create heroku-postgresql:essential-0 --name small --app demo')
  const refused = await platform.run('pg:connection-pooling:attach small --app demo')
  expect(refused).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("You can't perform this operation on heroku-postgresql:essential-0"),
  })
})

function directParts({hostname, username, password, pathname}: URL): Record<string, string> {
  return {hostname, username, password, pathname}
}
