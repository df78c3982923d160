import {expect, test} from 'vitest'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

async function withCache(): Promise<TestPlatform> {
  const platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
  await platform.run('addons:create heroku-redis --name redis-round-54321 --app demo')
  return platform
}

test('redis:info is headed by add-on and config var', async () => {
  await using platform = await withCache()
  const {stdout} = await platform.run('redis:info --app demo')
  expect(stdout).toMatch(/^=== redis-round-54321 \(REDIS_URL\)\n\nPlan: +Mini\nStatus: +Available\n/)
  const [info] = JSON.parse((await platform.run('redis:info --app demo --json')).stdout)
  expect(info).toMatchObject({name: 'redis-round-54321', plan: 'mini'})
})

test('redis:cli passes what it reads to the server beside which it runs', async () => {
  await using platform = await withCache()
  const {stdout, stderr, exitCode} = await platform.run('redis:cli --app demo', {env: {PATH: '/nonexistent'}, stdin: 'PING\n'})
  expect(stdout).toBe('asked PING\n')
  expect(stderr).toBe('Connecting to redis-round-54321 (REDIS_URL):\n')
  expect(exitCode).toBe(0)
})

test('redis:wait ends when the cache is there', async () => {
  await using platform = await withCache()
  expect(await platform.run('redis:wait REDIS_URL --app demo')).toMatchObject({stdout: '', exitCode: 0})
})

test('redis:credentials prints the URL of this machine, and another one after --reset', async () => {
  await using platform = await withCache()
  const {stdout} = await platform.run('redis:credentials --app demo')
  expect(stdout).toMatch(/^redis:\/\/:p[0-9a-f]{64}@127\.0\.0\.1:\d+\n$/)
  expect((await platform.run('redis:credentials --reset --app demo')).stdout).toBe('Resetting credentials for redis-round-54321\n')
  expect((await platform.run('redis:credentials --app demo')).stdout).not.toBe(stdout)
  const releases = await platform.api<{description: string}[]>('GET', '/apps/demo/releases')
  expect(releases.map(one => one.description)).toContain('Update REDIS by heroku-redis')
})

test('settings are told to the server, and what it refuses is an error of whoever asked', async () => {
  await using platform = await withCache()
  expect((await platform.run('redis:maxmemory --policy noeviction --app demo')).stdout).toBe(
    'Maxmemory policy for redis-round-54321 (REDIS_URL) set to noeviction.\nnoeviction returns errors.\n',
  )
  const refused = await platform.run('redis:maxmemory --policy largest --app demo')
  expect(refused.stderr).toContain('largest is no policy.')
  expect(refused.exitCode).toBe(1)
  expect((await platform.run('redis:timeout --seconds many --app demo')).exitCode).toBe(2)
})

test('redis:promote gives the name to another one, and the first keeps one', async () => {
  await using platform = await withCache()
  await platform.run('addons:create heroku-redis --name other --app demo')
  expect((await platform.run('redis:promote other --app demo')).stdout).toBe('Promoting other to REDIS_URL on demo\n')
  const attachments = await platform.api<{name: string; addon: {name: string}}[]>('GET', '/apps/demo/addon-attachments')
  expect(attachments.find(one => one.name === 'REDIS')?.addon.name).toBe('other')
  expect(attachments.map(one => one.addon.name)).toContain('redis-round-54321')
  expect((await platform.run('redis:promote other --app demo')).stderr).toContain('other is already promoted on demo')
})
