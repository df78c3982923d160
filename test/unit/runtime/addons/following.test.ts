import {expect, test} from 'vitest'
import type {ContainerSpec} from '../../../../src/lib/engine/engine.js'
import {label} from '../../../../src/lib/engine/labels.js'
import {addonStore} from '../../../../src/lib/runtime/addons/addon-store.js'
import type {AddonRecord} from '../../../../src/lib/runtime/addons/addons.js'
import {addonEngine} from '../../../support/addon-engine.js'
import {type AddonWorld, addonWorld, type WorldOptions} from '../../../support/addon-world.js'

const me = 'me@example.com'
const standard = 'heroku-postgresql:standard-0'

/** What the engine was asked to run, and what leaders were told, the last ones last. */
interface Watched {
  world: AddonWorld
  engine: ReturnType<typeof addonEngine>
  spec(addon: AddonRecord): ContainerSpec | undefined
  told: string[][]
}

async function watched(options: Partial<WorldOptions> = {}): Promise<Watched> {
  const plain = addonEngine()
  const specs: ContainerSpec[] = []
  const told: string[][] = []
  const engine: typeof plain = {
    ...plain,
    start: (spec, ...rest) => {
      specs.push(spec)
      return plain.start(spec, ...rest)
    },
    exec: (id, command, ...rest) => {
      if (command[0] === 'database-followers') told.push(command.slice(1))
      return plain.exec(id, command, ...rest)
    },
  }
  const world = await addonWorld({engine, clock: {now: () => new Date(), sleep: async () => undefined}, ...options})
  return {world, engine, told, spec: addon => specs.findLast(one => one.labels[label.addon] === addon.id)}
}

async function made(world: AddonWorld, options: Record<string, string> = {}, app = world.demo, plan = standard): Promise<AddonRecord> {
  const {id} = await world.addons.create(app, {plan, options}, me)
  await world.addons.idle()
  return world.addons.get(id)
}

const password = (addon: AddonRecord | undefined): string | undefined => addon?.credentials['password']

test('a follower has the credentials of its leader, knows its host, and is in its network', async () => {
  const {world, engine, spec} = await watched()
  await using _world = world
  const leader = await made(world)
  const follower = await made(world, {follow: 'demo::DATABASE'}, world.other)
  expect([follower.state, follower.options]).toEqual(['provisioned', {follow: leader.id}])
  const {tls_key: own, ...shared} = follower.credentials
  expect(leader.credentials).toMatchObject({...shared, tls_certificate: expect.any(String)})
  expect(own).not.toBe(leader.credentials['tls_key'])
  expect(spec(follower)?.env).toMatchObject({LEADER: leader.name, REPLICATION: leader.credentials['replication']})
  expect(spec(leader)?.env['LEADER']).toBe('')
  const networks = async (addon: AddonRecord) => Object.keys((await engine.observe({[label.addon]: addon.id}))[0]?.addresses ?? {})
  expect(await networks(follower)).toEqual(expect.arrayContaining(await networks(leader)))
  // Not even when it is detached from an app of that network.
  await world.addons.detach(await world.addons.attach({addon: follower, app: world.demo, name: 'READS'}, me), me)
  expect(await networks(follower)).toEqual(expect.arrayContaining(await networks(leader)))
})

test('a follower that is let go serves by itself, and its leader forgets it', async () => {
  const {world, spec, told} = await watched()
  await using _world = world
  const leader = await made(world)
  const [first, second] = [await made(world, {follow: leader.name}), await made(world, {follow: leader.name})]
  await world.addons.unfollow(first, me)
  expect(world.addons.get(first.id).options).toEqual({})
  expect(spec(first)?.env['LEADER']).toBe('')
  expect(told.at(-1)).toEqual([second.id])
  await expect(world.addons.unfollow(world.addons.get(first.id), me)).rejects.toThrow(`${first.name} is not a follower`)
  await world.addons.destroy(second, {force: false}, me)
  expect(told.at(-1)).toEqual([])
})

test('a runtime that is killed while it lets a follower go does it at its next start', async () => {
  const {world, engine, spec, told} = await watched()
  await using _world = world
  const leader = await made(world)
  const follower = await made(world, {follow: leader.name})
  const dying = world.again({...engine, start: () => Promise.reject(new Error('killed'))})
  await dying.unfollow(follower, me)
  await dying.close()
  expect(spec(follower)?.env['LEADER']).toBe(leader.name)
  const again = world.again()
  await again.start()
  await again.idle()
  expect(spec(follower)?.env['LEADER']).toBe('')
  expect(told.at(-1)).toEqual([])
})

test('a rotation gives a follower the new password too, with releases for its apps', async () => {
  const {world, spec} = await watched()
  await using _world = world
  const leader = await made(world)
  const follower = await made(world, {follow: 'demo::DATABASE'}, world.other)
  const released = world.released.length
  await world.addons.rotateCredentials(leader, me)
  const [fresh, same] = [world.addons.get(leader.id), world.addons.get(follower.id)]
  expect(password(fresh)).not.toBe(password(leader))
  expect(password(same)).toBe(password(fresh))
  expect(fresh.credentials['replication']).toBe(leader.credentials['replication'])
  expect(spec(follower)?.env['PGPASSWORD']).toBe(password(fresh))
  expect(world.released.slice(released).map(one => [one.app, one.description])).toEqual([
    ['demo', 'Update DATABASE by heroku-postgresql'],
    ['other', 'Update DATABASE by heroku-postgresql'],
  ])
  await expect(world.addons.rotateCredentials(same, me)).rejects.toThrow(`has the credentials of ${leader.name}, which it follows`)
})

test('a leader is not destroyed by mistake, and with force its followers go on without it', async () => {
  const {world, spec} = await watched()
  await using _world = world
  const leader = await made(world)
  const follower = await made(world, {follow: leader.name})
  await expect(world.addons.destroy(leader, {force: false}, me)).rejects.toMatchObject({
    id: 'forbidden',
    message: expect.stringContaining(`${leader.name} is followed by ${follower.name}.`),
  })
  await world.addons.destroy(leader, {force: true}, me)
  await world.addons.idle()
  expect(world.addons.get(follower.id)).toMatchObject({state: 'provisioned', options: {}})
  expect(spec(follower)?.env['LEADER']).toBe('')
})

test('a follower whose leader goes before it has all data is no add-on, also when the runtime was killed', async () => {
  let healthy = true
  const engine = addonEngine({healthy: () => healthy})
  await using world = await addonWorld({engine, clock: {now: () => new Date(), sleep: async () => undefined}})
  const leader = await made(world)
  healthy = false
  const {id} = await world.addons.create(world.demo, {plan: standard, options: {follow: leader.name}}, me)
  await world.addons.close()
  // As if the runtime had been killed after it stored that the leader goes.
  world.store.run("UPDATE addons SET state = 'deprovisioning' WHERE id = ?", leader.id)
  healthy = true
  const again = world.again()
  await again.start()
  await again.idle()
  expect(again.get(id).state).toBe('deprovisioned')
  expect(again.failure(id)).toBe('The add-on that it was to follow is gone.')
})

test('an app that goes takes its followers before their leaders', async () => {
  const {world, spec} = await watched()
  await using _world = world
  const leader = await made(world)
  const follower = await made(world, {follow: leader.name})
  await world.addons.removeApp(world.demo.id)
  expect(world.addons.list()).toEqual([])
  expect(spec(follower)?.env['LEADER']).toBe(leader.name)
})

test('what cannot be followed is refused, and a plan that cannot is not changed to', async () => {
  const {world} = await watched()
  await using _world = world
  const leader = await made(world)
  const essential = await made(world, {}, world.demo, 'heroku-postgresql:essential-0')
  const follower = await made(world, {follow: leader.name})
  const follow = (name: string, plan = standard) => world.addons.create(world.demo, {plan, options: {follow: name}}, me)
  await expect(follow(essential.name)).rejects.toThrow('they cannot follow or be followed')
  await expect(follow(leader.name, 'heroku-postgresql:essential-0')).rejects.toThrow('they cannot follow or be followed')
  await expect(follow(follower.name)).rejects.toThrow(`${follower.name} is a follower of ${leader.name} itself.`)
  await expect(follow('NOTHING')).rejects.toMatchObject({id: 'not_found'})
  await expect(world.addons.create(world.demo, {plan: standard, options: {rollback: follower.name, by: '1 hour'}}, me)).rejects.toThrow(
    'is a follower, and has no past of its own',
  )
  for (const one of [leader, follower])
    await expect(world.addons.changePlan(one, 'essential-0', me)).rejects.toMatchObject({id: 'conflict'})
  expect((await world.addons.changePlan(leader, 'premium-0', me)).plan).toBe('premium-0')
})

test('a server that is older than its manifest gets the credentials that it lacks', async () => {
  const {world, spec} = await watched()
  await using _world = world
  const old = await made(world)
  const {replication: _new, ...credentials} = old.credentials
  addonStore(world.store, world.seal).updateCredentials(old.id, credentials, new Date())
  const again = world.again()
  await again.start()
  await again.idle()
  const {replication} = again.get(old.id).credentials
  expect(replication).toMatch(/^[0-9a-f]{64}$/)
  expect(spec(old)?.env['REPLICATION']).toBe(replication)
  expect(again.get(old.id).credentials).toMatchObject(credentials)
})

test('a backup of the platform leaves followers out: they bring their data by themselves', async () => {
  const {world} = await watched()
  await using _world = world
  const leader = await made(world)
  const follower = await made(world, {follow: leader.name})
  const {data} = world.addons.moving
  expect([await data(leader, async () => 'data'), await data(follower, async () => 'data')]).toEqual(['data', undefined])
})
