import {expect, test} from 'vitest'
import {type ContainerSpec, EngineError} from '../../../../src/lib/engine/engine.js'
import {label} from '../../../../src/lib/engine/labels.js'
import type {AddonRecord} from '../../../../src/lib/runtime/addons/addons.js'
import {poolNamespace} from '../../../../src/lib/runtime/addons/following.js'
import {addonEngine} from '../../../support/addon-engine.js'
import {type AddonWorld, addonWorld} from '../../../support/addon-world.js'

const me = 'me@example.com'

async function watched() {
  const plain = addonEngine()
  const specs: ContainerSpec[] = []
  const engine: typeof plain = {
    ...plain,
    start: (spec, ...rest) => {
      specs.push(spec)
      return plain.start(spec, ...rest)
    },
  }
  const world = await addonWorld({engine, clock: {now: () => new Date(), sleep: async () => undefined}})
  return {world, engine, specs}
}

async function made(world: AddonWorld, plan = 'heroku-postgresql:standard-0'): Promise<AddonRecord> {
  const {id} = await world.addons.create(world.demo, {plan}, me)
  await world.addons.idle()
  return world.addons.get(id)
}

const pool = (world: AddonWorld, addon: AddonRecord, name?: string) =>
  world.addons.attach({addon, app: world.demo, namespace: poolNamespace, ...(name && {name})}, me)

test('a pool has a config var of its own, with the same credentials at another port, in both views', async () => {
  const {world, specs} = await watched()
  await using _world = world
  const addon = await made(world)
  expect(specs.at(-1)?.env['POOL']).toBe('')
  const attachment = await pool(world, addon)
  expect(attachment.name).toBe('DATABASE_CONNECTION_POOL')
  expect(specs.at(-1)?.env['POOL']).toBe('6432')
  const hostPort = specs.at(-1)?.publish?.find(one => one.containerPort === 6432)?.hostPort
  const {user, password, database} = addon.credentials
  const url = (where: string): string => `postgres://${user}:${password}@${where}/${database}`
  const both = (view: 'dyno' | 'host') => world.addons.configVars(world.demo.id, view)
  expect(both('dyno')).toEqual({
    DATABASE_URL: url(`${addon.name}:5432`),
    DATABASE_CONNECTION_POOL_URL: url(`${addon.name}:6432`),
  })
  expect(both('host')).toEqual({
    DATABASE_URL: url(`127.0.0.1:${addon.hostPort}`),
    DATABASE_CONNECTION_POOL_URL: url(`127.0.0.1:${hostPort}`),
  })
  expect(world.released.at(-1)?.description).toBe(`Attach DATABASE_CONNECTION_POOL (@ref:${addon.name})`)
})

test('a second attachment, a detached one and another runtime start no server again', async () => {
  const {world, engine} = await watched()
  await using _world = world
  const addon = await made(world)
  const first = await pool(world, addon)
  const running = async () => (await engine.observe({[label.addon]: addon.id}))[0]?.id
  const server = await running()
  await pool(world, world.addons.get(addon.id), 'POOL')
  await world.addons.detach(first, me)
  expect(Object.keys(world.addons.configVars(world.demo.id, 'dyno'))).toEqual(['DATABASE_URL', 'POOL_URL'])
  const again = world.again()
  await again.start()
  await again.idle()
  expect(await running()).toBe(server)
})

test('a port that somebody took meanwhile is exchanged for another one', async () => {
  const {world, engine, specs} = await watched()
  await using _world = world
  const addon = await made(world)
  await pool(world, addon)
  const port = (): number | undefined => specs.at(-1)?.publish?.find(one => one.containerPort === 6432)?.hostPort
  const taken = port()
  await engine.removeAll({[label.addon]: addon.id, [label.kind]: 'reader'})
  for (const {id} of await engine.observe({[label.addon]: addon.id})) await engine.remove(id)
  const again = world.again({
    ...engine,
    start: (spec, ...rest) =>
      spec.publish?.some(one => one.hostPort === taken)
        ? Promise.reject(new EngineError('port_taken', 'taken'))
        : engine.start(spec, ...rest),
  })
  await again.start()
  await again.idle()
  expect(port()).not.toBe(taken)
  expect(again.configVars(world.demo.id, 'host')['DATABASE_CONNECTION_POOL_URL']).toContain(`127.0.0.1:${port()}/`)
})

test('what has no pool is refused, and nothing is attached', async () => {
  const {world} = await watched()
  await using _world = world
  const essential = await made(world, 'heroku-postgresql:essential-0')
  await expect(pool(world, essential)).rejects.toThrow('they have no connection pooling')
  const {id} = await world.addons.create(world.demo, {plan: 'heroku-postgresql:standard-0'}, me)
  await expect(pool(world, world.addons.get(id))).rejects.toMatchObject({id: 'conflict'})
  await world.addons.idle()
  expect(world.addons.attachmentsOf(world.demo.id).map(one => one.namespace)).toEqual([undefined, undefined])
  const standard = world.addons.get(id)
  const attachment = await pool(world, standard)
  await expect(world.addons.changePlan(world.addons.get(id), 'essential-0', me)).rejects.toThrow(
    `its pool is attached as ${attachment.name}. Run addons:detach first.`,
  )
})
