import {describe, expect, test} from 'vitest'
import {EngineError} from '../../../../src/lib/engine/engine.js'
import {label} from '../../../../src/lib/engine/labels.js'
import type {Clock} from '../../../../src/lib/runtime/support/clock.js'
import {addonEngine} from '../../../support/addon-engine.js'
import {type AddonWorld, addonWorld, type WorldOptions} from '../../../support/addon-world.js'
import {movableClock} from '../../../support/movable-clock.js'

const me = 'me@example.com'
const postgres = 'heroku-postgresql'

async function worldWith(options: Partial<WorldOptions> = {}): Promise<AddonWorld> {
  return await addonWorld({engine: addonEngine(), ...options})
}

async function provisioned(world: AddonWorld, plan = postgres, app = world.demo) {
  const {id} = await world.addons.create(app, {plan}, me)
  await world.addons.idle()
  return world.addons.get(id)
}

/** A clock that begins at 0 and passes with what sleeps by it alone. */
function sleepersClock(): Clock {
  const clock = movableClock(new Date(0))
  return {now: clock.now, sleep: async ms => clock.advance(ms)}
}

/** An engine whose servers listen at that time of a clock in ms, and until then end their health command so; when it was asked for. */
function silentUntil(ms: number, {now}: Clock, exitCode = 1) {
  const looks: number[] = []
  const healthy = (): boolean => now().getTime() >= ms
  const engine = addonEngine({
    healthy: () => {
      looks.push(now().getTime())
      return healthy()
    },
    unhealthy: exitCode,
  })
  return {engine: {...engine, listening: async () => healthy()}, looks}
}

describe('creating an add-on', () => {
  test('answers while it is being provisioned, and releases twice as Heroku does', async () => {
    await using world = await worldWith()
    const created = await world.addons.create(world.demo, {plan: postgres}, me)
    expect(created.state).toBe('provisioning')
    expect(world.addons.configVars(world.demo.id, 'dyno')).toEqual({})
    await world.addons.idle()
    expect(world.released).toEqual([
      {app: 'demo', description: `Attach DATABASE (@ref:${created.name})`, user: me, addonConfigOnly: false, configVars: []},
      {
        app: 'demo',
        description: `@ref:${created.name} completed provisioning, setting DATABASE_URL.`,
        user: 'heroku-postgresql@addons.heroku.com',
        addonConfigOnly: true,
        configVars: ['DATABASE_URL'],
      },
    ])
    expect(created.name).toMatch(/^postgresql-[a-z]+-\d{5}$/)
  })

  test('twice at once makes one of a service of which an app can have one', async () => {
    await using world = await worldWith()
    const created = await Promise.allSettled([1, 2].map(() => world.addons.create(world.demo, {plan: 'scheduler'}, me)))
    expect(created.map(one => one.status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(world.addons.list()).toHaveLength(1)
  })

  test('names the first attachment DATABASE and colours the next one', async () => {
    await using world = await worldWith()
    await provisioned(world)
    await provisioned(world)
    const names = world.addons.attachmentsOf(world.demo.id).map(one => one.name)
    expect(names[0]).toBe('DATABASE')
    expect(names[1]).toMatch(/^HEROKU_POSTGRESQL_[A-Z]+$/)
  })

  test('gives dynos and the host different addresses of the same server', async () => {
    await using world = await worldWith()
    const {name, credentials, hostPort} = await provisioned(world)
    const {user, password, database} = credentials
    expect(world.addons.configVars(world.demo.id, 'dyno')).toEqual({
      DATABASE_URL: `postgres://${user}:${password}@${name}:5432/${database}`,
    })
    expect(world.addons.configVars(world.demo.id, 'host')).toEqual({
      DATABASE_URL: `postgres://${user}:${password}@127.0.0.1:${hostPort}/${database}`,
    })
  })

  test('keeps no credential readable in the store', async () => {
    await using world = await worldWith()
    const {credentials} = await provisioned(world)
    const everything = JSON.stringify([world.store.all('SELECT * FROM addons'), world.store.all('SELECT * FROM settings')])
    for (const secret of Object.values(credentials)) expect(everything).not.toContain(secret)
  })

  test('takes legacy plan names for the plans of today', async () => {
    await using world = await worldWith()
    expect((await provisioned(world, 'heroku-postgresql:hobby-dev')).plan).toBe('mini')
    expect((await provisioned(world, 'heroku-redis')).plan).toBe('mini')
  })

  test('names the services and plans there are when the wanted one is not', async () => {
    await using world = await worldWith()
    await expect(world.addons.create(world.demo, {plan: 'mongolab'}, me)).rejects.toMatchObject({
      id: 'not_found',
      message: expect.stringMatching(/^Couldn't find the mongolab add-on service\. Available services: .*heroku-postgresql, heroku-redis/),
    })
    await expect(world.addons.create(world.demo, {plan: 'heroku-redis:huge'}, me)).rejects.toThrow(/Available plans: mini, premium-0/)
  })

  test('wants a confirmation before it takes the name of another attachment', async () => {
    await using world = await worldWith()
    const first = await provisioned(world)
    const again = {plan: postgres, attachment: 'DATABASE'}
    await expect(world.addons.create(world.demo, again, me)).rejects.toMatchObject({id: 'confirmation_required'})
    expect(world.addons.list()).toHaveLength(1)
    await world.addons.create(world.demo, {...again, confirm: 'demo'}, me)
    expect(world.addons.attachmentsTo(first.id)).toEqual([])
  })

  test('takes another port when the first one is in use on the host', async () => {
    const inner = addonEngine()
    const tried: (number | undefined)[] = []
    const taken = {
      ...inner,
      start: async (...[spec, onOutput]: Parameters<typeof inner.start>) => {
        tried.push(spec.publish?.[0]?.hostPort)
        if (tried.length === 1) throw new EngineError('port_taken', 'in use')
        return await inner.start(spec, onOutput)
      },
    }
    await using world = await worldWith({engine: taken})
    const addon = await provisioned(world)
    expect(addon.state).toBe('provisioned')
    expect(addon.hostPort).toBe(tried[1])
    expect(tried[1]).not.toBe(tried[0])
  })

  test('says in the app log why it failed, and detaches', async () => {
    const failing = addonEngine({
      build: () => {
        throw new EngineError('build_failed', 'apt-get found no mirror')
      },
    })
    await using world = await worldWith({engine: failing})
    const addon = await provisioned(world)
    expect(addon.state).toBe('deprovisioned')
    expect(world.addons.failure(addon.id)).toBe('apt-get found no mirror')
    expect(world.logged).toEqual([`@ref:${addon.name} failed to provision: apt-get found no mirror`])
    expect(world.released.at(-1)?.description).toBe(`Detach DATABASE (@ref:${addon.name})`)
    expect(world.addons.list()).toEqual([])
    expect((await world.addons.create(world.demo, {plan: 'heroku-redis', name: addon.name}, me)).name).toBe(addon.name)
  })

  test('gives up on a server that never becomes healthy', async () => {
    await using world = await worldWith({engine: addonEngine({healthy: () => false}), clock: sleepersClock()})
    const addon = await provisioned(world)
    expect(addon.state).toBe('deprovisioned')
    expect(world.addons.failure(addon.id)).toMatch(/did not become healthy within 120 s: exit code 2/)
  })

  test('leaves a server that starts alone until it listens, but for a look inside every few seconds', async () => {
    const clock = sleepersClock()
    const {engine, looks} = silentUntil(11_000, clock)
    await using world = await worldWith({engine, clock})
    expect((await provisioned(world)).state).toBe('provisioned')
    expect(looks).toEqual([5_000, 10_000, 11_000])
  })

  test('waits as long as it takes for one that says inside that its data is being made ready', async () => {
    const clock = sleepersClock()
    const {engine, looks} = silentUntil(600_000, clock, 75)
    await using world = await worldWith({engine, clock})
    expect((await provisioned(world)).state).toBe('provisioned')
    expect(looks.length).toBeGreaterThan(100)
  })

  test('gives up on a server that listens nowhere', async () => {
    const clock = sleepersClock()
    await using world = await worldWith({engine: silentUntil(Number.POSITIVE_INFINITY, clock, 7).engine, clock})
    expect(world.addons.failure((await provisioned(world)).id)).toMatch(/did not become healthy within 120 s: exit code 7/)
  })
})

describe('a runtime that is killed', () => {
  test('while provisioning goes on at its next start', async () => {
    const slow = addonEngine({
      build: (_build, {signal}) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    })
    await using world = await worldWith({engine: slow})
    const {id} = await world.addons.create(world.demo, {plan: postgres}, me)
    const ready = world.again(addonEngine())
    await ready.start()
    await ready.idle()
    expect(ready.get(id).state).toBe('provisioned')
  })

  test('before a release was cut cuts it at its next start, once', async () => {
    let alive = true
    await using world = await worldWith({
      onCut: description => {
        if (!alive && description.includes('completed')) throw new Error('killed')
      },
    })
    alive = false
    const addon = await provisioned(world)
    expect(world.released.map(one => one.description)).toEqual([`Attach DATABASE (@ref:${addon.name})`])
    alive = true
    for (const _start of [1, 2]) {
      const again = world.again()
      await again.start()
      await again.idle()
    }
    expect(world.released.map(one => one.description)).toEqual([
      `Attach DATABASE (@ref:${addon.name})`,
      `@ref:${addon.name} completed provisioning, setting DATABASE_URL.`,
    ])
  })

  test('while destroying finishes it', async () => {
    const shared = addonEngine()
    await using world = await worldWith({engine: shared})
    const addon = await provisioned(world)
    shared.goDown()
    await expect(world.addons.destroy(addon, {force: false}, me)).rejects.toThrow(/engine does not answer/)
    shared.comeUp()
    const again = world.again()
    await again.start()
    await again.idle()
    expect(await shared.observe({[label.addon]: addon.id})).toEqual([])
    expect(() => again.get(addon.id)).toThrow("Couldn't find that add-on.")
  })

  test('restarts no add-on that runs, and starts one that is gone on its old port', async () => {
    const shared = addonEngine()
    await using world = await worldWith({engine: shared})
    const [kept, lost] = [await provisioned(world), await provisioned(world, 'heroku-redis')]
    const [before] = await shared.observe({[label.addon]: kept.id})
    const [gone] = await shared.observe({[label.addon]: lost.id})
    await shared.vanish(gone?.id as string)
    const again = world.again()
    await again.start()
    await again.idle()
    expect((await shared.observe({[label.addon]: kept.id}))[0]?.id).toBe(before?.id)
    expect((await shared.observe({[label.addon]: lost.id}))[0]?.ports).toEqual({6379: lost.hostPort})
  })

  test('leaves no container without a record', async () => {
    const shared = addonEngine()
    await using world = await worldWith({engine: shared})
    const addon = await provisioned(world)
    world.store.run('DELETE FROM addons')
    await world.again().start()
    expect(await shared.observe({[label.addon]: addon.id})).toEqual([])
  })
})

describe('attachments', () => {
  test('of a service that apps do not share are for its own app', async () => {
    await using world = await worldWith()
    const addon = await provisioned(world, 'papertrail')
    await expect(world.addons.attach({addon, app: world.other}, me)).rejects.toThrow(
      `${addon.name} cannot be attached to other: apps do not share papertrail add-ons.`,
    )
    expect((await world.addons.attach({addon, app: world.demo, name: 'LINES'}, me)).name).toBe('LINES')
  })

  test('to a second app join its network under the name of the add-on, and leave it again', async () => {
    const shared = addonEngine()
    await using world = await worldWith({engine: shared})
    const addon = await provisioned(world)
    const attachment = await world.addons.attach({addon, app: world.other}, me)
    expect(attachment.name).toBe('DATABASE')
    const networks = async (): Promise<number> => Object.keys((await shared.observe({[label.addon]: addon.id}))[0]?.addresses ?? {}).length
    expect(await networks()).toBe(2)
    await world.addons.detach(attachment, me)
    expect(await networks()).toBe(1)
    expect(world.released.slice(2).map(one => [one.app, one.description])).toEqual([
      ['other', `Attach DATABASE (@ref:${addon.name})`],
      ['other', `Detach DATABASE (@ref:${addon.name})`],
    ])
  })

  test('of other apps keep an add-on from being destroyed without force', async () => {
    await using world = await worldWith()
    const addon = await provisioned(world)
    await world.addons.attach({addon, app: world.other}, me)
    await expect(world.addons.destroy(addon, {force: false}, me)).rejects.toMatchObject({
      id: 'forbidden',
      message: expect.stringContaining('other'),
    })
    await world.addons.destroy(addon, {force: true}, me)
    expect(world.released.slice(-2).map(one => [one.app, one.description])).toEqual([
      ['demo', `Detach DATABASE (@ref:${addon.name})`],
      ['other', `Detach DATABASE (@ref:${addon.name})`],
    ])
  })

  test('and add-ons go with their app', async () => {
    await using world = await worldWith()
    await provisioned(world)
    const foreign = await provisioned(world, 'heroku-redis', world.other)
    await world.addons.attach({addon: foreign, app: world.demo}, me)
    await world.addons.removeApp(world.demo.id)
    expect(world.addons.list().map(addon => addon.id)).toEqual([foreign.id])
    expect(world.addons.attachmentsOf(world.demo.id)).toEqual([])
  })
})

test('a plan change replaces the container and keeps port and credentials', async () => {
  const shared = addonEngine()
  await using world = await worldWith({engine: shared})
  const addon = await provisioned(world)
  const [before] = await shared.observe({[label.addon]: addon.id})
  const changed = await world.addons.changePlan(addon, 'heroku-postgresql:standard-0', me)
  const [after] = await shared.observe({[label.addon]: addon.id})
  expect(changed).toMatchObject({plan: 'standard-0', hostPort: addon.hostPort, credentials: addon.credentials})
  expect(after?.id).not.toBe(before?.id)
  await expect(world.addons.changePlan(addon, 'heroku-redis:mini', me)).rejects.toMatchObject({id: 'invalid_params'})
})

test('the page of a server stays where it is when the container is replaced, and moves with a port that is in use at first', async () => {
  const inner = addonEngine()
  const tried: (number | undefined)[] = []
  const taken = {
    ...inner,
    start: async (...[spec, onOutput]: Parameters<typeof inner.start>) => {
      tried.push(spec.publish?.[1]?.hostPort)
      if (tried.length === 1) throw new EngineError('port_taken', 'in use')
      return await inner.start(spec, onOutput)
    },
  }
  await using world = await worldWith({engine: taken})
  const addon = await provisioned(world, 'cloudamqp')
  const {url} = await world.addons.shown.page(addon, {id: world.home, email: me})
  expect(url).toBe(`http://127.0.0.1:${addon.pagePort}/`)
  await world.addons.changePlan(addon, 'tiger', me)
  expect((await world.addons.shown.page(addon, {id: world.home, email: me})).url).toBe(url)
  expect(tried).toEqual([expect.any(Number), addon.pagePort, addon.pagePort])
  expect(tried[0]).not.toBe(addon.pagePort)
})

test('dynos of every app that it is attached to reach a server by its further names too', async () => {
  const inner = addonEngine()
  const names: string[][] = []
  const watched = {
    ...inner,
    start: async (...[spec, onOutput]: Parameters<typeof inner.start>) => {
      if (typeof spec.networking !== 'string') names.push(spec.networking[0]?.aliases ?? [])
      return await inner.start(spec, onOutput)
    },
    connect: async (...[id, network, aliases]: Parameters<typeof inner.connect>) => {
      names.push(aliases)
      await inner.connect(id, network, aliases)
    },
  }
  await using world = await worldWith({engine: watched})
  const addon = await provisioned(world, 'bucketeer')
  await world.addons.attach({addon, app: world.other}, me)
  const {BUCKETEER_BUCKET_NAME: bucket, BUCKETEER_PUBLIC_ENDPOINT_URL: open} = world.addons.configVars(world.demo.id, 'dyno')
  expect(names).toEqual([
    [addon.name, `${bucket}.${addon.name}`],
    [addon.name, `${bucket}.${addon.name}`],
  ])
  expect(open).toBe(`http://127.0.0.1:${addon.hostPort}`)
})

test('services that extend one share its image, each under its own names', async () => {
  const shared = addonEngine()
  await using world = await worldWith({engine: shared})
  for (const plan of ['jawsdb', 'cleardb:punch', 'jawsdb-maria']) await world.addons.create(world.demo, {plan}, me)
  await world.addons.idle()
  expect(shared.builds.map(build => build.tags)).toEqual([[expect.stringMatching(/^hokku\/addon-jawsdb-maria:/)]])
  const {JAWSDB_URL, CLEARDB_DATABASE_URL, JAWSDB_MARIA_URL} = world.addons.configVars(world.demo.id, 'dyno')
  expect(JAWSDB_URL).toMatch(/^mysql:\/\/u\w{15}:p\w{32}@jawsdb-[a-z]+-\d{5}:3306\/d\w{15}$/)
  expect(CLEARDB_DATABASE_URL).toMatch(/^mysql:\/\/b\w{13}:p\w{32}@cleardb-[a-z]+-\d{5}:3306\/heroku_\w{15}\?reconnect=true$/)
  expect(JAWSDB_MARIA_URL).toMatch(/@jawsdb-maria-[a-z]+-\d{5}:3306\//)
})

test('two add-ons of one service share one image build', async () => {
  const shared = addonEngine()
  await using world = await worldWith({engine: shared})
  await Promise.all([world.addons.create(world.demo, {plan: postgres}, me), world.addons.create(world.other, {plan: postgres}, me)])
  await world.addons.idle()
  expect(shared.builds).toHaveLength(1)
  expect(world.addons.list().map(addon => addon.state)).toEqual(['provisioned', 'provisioned'])
})
