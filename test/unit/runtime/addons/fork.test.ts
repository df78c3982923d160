import {expect, test} from 'vitest'
import {label} from '../../../../src/lib/engine/labels.js'
import type {AddonRecord} from '../../../../src/lib/runtime/addons/addons.js'
import {engineNames} from '../../../../src/lib/runtime/support/names.js'
import {addonEngine} from '../../../support/addon-engine.js'
import {type AddonWorld, addonWorld} from '../../../support/addon-world.js'

const me = 'me@example.com'
const postgres = 'heroku-postgresql'

async function made(world: AddonWorld, options: Record<string, string> = {}, plan = postgres): Promise<AddonRecord> {
  const {id} = await world.addons.create(world.demo, {plan, options}, me)
  await world.addons.idle()
  return world.addons.get(id)
}

test('a fork begins with the data of another add-on, under a password of its own', async () => {
  const engine = addonEngine()
  await using world = await addonWorld({engine})
  const source = await made(world)
  const [server] = await engine.observe({[label.addon]: source.id})
  engine.data.set(server?.id as string, {text: 'PLANTED'})
  for (const name of ['DATABASE', 'DATABASE_URL', source.name, world.addons.configVars(world.demo.id, 'host')['DATABASE_URL'] as string]) {
    const fork = await made(world, {fork: name})
    expect([fork.state, world.addons.failure(fork.id)]).toEqual(['provisioned', undefined])
    const {user, database, password} = fork.credentials
    expect({user, database}).toEqual({user: source.credentials['user'], database: source.credentials['database']})
    expect(password).not.toBe(source.credentials['password'])
    const [container] = await engine.observe({[label.addon]: fork.id})
    expect((await engine.exec(container?.id as string, ['cat', '/data/17/rows'])).stdout.toString()).toBe('PLANTED')
  }
  expect((await engine.observe({[label.addon]: source.id}))[0]?.id).toBe(server?.id)
})

test('a copy that breaks off is no add-on, and leaves no data', async () => {
  const engine = addonEngine()
  await using world = await addonWorld({engine, clock: {now: () => new Date(), sleep: async () => undefined}})
  const source = await made(world)
  engine.data.set((await engine.observe({[label.addon]: source.id}))[0]?.id as string, {text: 'it breaks off'})
  const fork = await made(world, {fork: source.name})
  expect(fork.state).toBe('deprovisioned')
  expect(world.addons.failure(fork.id)).toMatch(/Unexpected end of data|could not be copied/)
  expect(await engine.volumeTree(engineNames(world.home).addonVolume(fork.id), 'debian:13-slim', async () => true)).toBeUndefined()
})

test('what cannot be forked is refused before anything is made', async () => {
  await using world = await addonWorld({engine: addonEngine()})
  const source = await made(world)
  const cache = await made(world, {}, 'heroku-redis')
  const fork = (name: string, plan = postgres) => world.addons.create(world.demo, {plan, options: {fork: name}}, me)
  await expect(fork('NOTHING')).rejects.toMatchObject({id: 'not_found'})
  await expect(fork(cache.name)).rejects.toMatchObject({id: 'not_found'})
  await expect(fork(cache.name, 'heroku-redis')).rejects.toThrow('heroku-redis cannot be forked.')
  await expect(fork('postgres://u:p@elsewhere/db')).rejects.toMatchObject({id: 'not_found'})
  const both = {fork: source.name, snapshot: 'x'}
  await expect(world.addons.create(world.demo, {plan: postgres, options: both}, me)).rejects.toThrow('not with several')
  expect(world.addons.list().map(one => one.id)).toEqual([source.id, cache.id])
})
