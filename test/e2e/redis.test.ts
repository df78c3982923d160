import {afterAll, beforeAll, expect, it} from 'vitest'
import {label} from '../../src/lib/engine/labels.js'
import {eventually} from '../support/eventually.js'
import {World} from '../support/world.js'

let world: World
beforeAll(async () => {
  world = await World.start()
  await world.ok('create shop')
  await world.ok('addons:create heroku-redis:mini --name cache --app shop')
})
afterAll(() => world?.[Symbol.asyncDispose]())

async function facts(): Promise<Record<string, string>> {
  const [found] = await world.json<{info: {name: string; values: string[]}[]}[]>('redis:info cache --app shop')
  return Object.fromEntries((found?.info ?? []).map(({name, values}) => [name, values.join()]))
}

async function server(): Promise<string> {
  const [addon] = await world.json<{id: string}[]>('addons --app shop')
  return (await world.engine.observe({[label.addon]: addon?.id ?? ''}))[0]?.id as string
}

const ask = async (...words: string[]): Promise<string> =>
  (await world.engine.exec(await server(), ['redis-cli', ...words])).stdout.toString().trim()

it('redis:maxmemory, :timeout and :keyspace-notifications change a server that serves, for all its later starts', async () => {
  expect(await facts()).toMatchObject({Maxmemory: 'noeviction', Timeout: '300', 'Keyspace Notifications': 'Disabled'})
  const began = await ask('info', 'server')
  expect(await world.ok('redis:maxmemory --policy volatile-lru --app shop')).toBe(
    'Maxmemory policy for cache (REDIS_URL) set to volatile-lru.\nvolatile-lru removes less recently used keys first that have an expiry set.\n',
  )
  expect(await world.ok('redis:timeout REDIS_URL -s 0 --app shop')).toBe(
    'Timeout for cache (REDIS_URL) set to 0 seconds.\nConnections to the Redis instance can idle indefinitely.\n',
  )
  expect(await world.ok(['redis:keyspace-notifications', '--config', 'E$g', '--app', 'shop'])).toBe(
    "Keyspace notifications for cache (REDIS_URL) set to 'g$E'.\n",
  )
  const set = {Maxmemory: 'volatile-lru', Timeout: '0', 'Keyspace Notifications': 'g$E'}
  expect(await facts()).toMatchObject(set)
  const run = /run_id:\w+/
  expect(run.exec(await ask('info', 'server'))?.[0]).toBe(run.exec(began)?.[0])

  await ask('set', 'kept', 'survivor')
  await world.engine.kill(await server(), 'SIGKILL')
  await eventually(async () => expect(await facts()).toMatchObject(set), 60_000)
  await world.ok('addons:upgrade cache heroku-redis:premium-0')
  await eventually(async () => expect(await facts()).toMatchObject({...set, Maxclients: '40'}), 60_000)
  expect(await ask('get', 'kept')).toBe('survivor')
})

it('settings that are changed at once are all kept for the next start', async () => {
  const id = await server()
  const each =
    'database-settings timeout $n & database-settings maxmemory_policy allkeys-lru & database-settings notify_keyspace_events KEA &'
  await world.engine.exec(id, ['sh', '-c', `for n in 1 2 3 4 5 6 7 8; do ${each} done; wait`])
  const kept = (await world.engine.exec(id, ['cat', '/data/settings.conf'])).stdout.toString().trim().split('\n')
  const serving = await Promise.all(
    ['maxmemory-policy', 'notify-keyspace-events', 'timeout'].map(
      async name => `${name} "${(await ask('config', 'get', name)).split('\n')[1]}"`,
    ),
  )
  const order = (line: string): string => line.replace('"AKE"', '"KEA"')
  expect(kept.toSorted().map(order)).toEqual(serving.map(order))
})

it('what is no setting is refused with what there is, and changes nothing', async () => {
  const before = await facts()
  for (const [command, words] of [
    ['redis:maxmemory --policy largest', /largest is no policy\. There are noeviction, allkeys-lfu/],
    ['redis:timeout --seconds -5', /-5 is no timeout: a number of seconds is/],
    ['redis:keyspace-notifications --config Q', /Q names events that there are not\. There are K, E/],
  ] as const) {
    const {exitCode, stderr} = await world.hokku(`${command} --app shop`)
    expect(stderr.replace(/\s+›\s+/g, ' ')).toMatch(words)
    expect(exitCode).toBe(1)
  }
  const {Connections: _, 'Data Size': __, ...settings} = before
  expect(await facts()).toMatchObject(settings)
})

it('redis:stats-reset forgets what the server has counted, once it is confirmed', async () => {
  const processed = async (): Promise<number> => Number(/total_commands_processed:(\d+)/.exec(await ask('info', 'stats'))?.[1])
  for (let times = 0; times < 3; times += 1) await ask('ping')
  const before = await processed()
  expect((await world.hokku('redis:stats-reset --confirm other --app shop')).exitCode).toBe(1)
  expect(await processed()).toBeGreaterThan(before)
  expect((await world.hokku('redis:stats-reset --confirm shop --app shop')).stderr).toContain(
    'Resetting stats on cache... Stats reset successful.',
  )
  expect(await processed()).toBeLessThan(before)
})

it('redis:promote makes another instance REDIS_URL, and the old one keeps a name', async () => {
  await world.ok('addons:create heroku-redis:mini --name other --app shop')
  const [first, second] = await Promise.all([
    world.ok('redis:credentials cache --app shop'),
    world.ok('redis:credentials other --app shop'),
  ])
  expect(await world.ok('redis:promote other --app shop')).toBe('Promoting other to REDIS_URL on shop\n')
  expect(await world.ok('config:get REDIS_URL --app shop')).toBe(second)
  const config = await world.json<Record<string, string>>('config --app shop')
  expect(Object.values(config)).toContain(first.trim())
  expect((await world.hokku('redis:promote other --app shop')).stderr).toContain('other is already promoted on shop')
})
