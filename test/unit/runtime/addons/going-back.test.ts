import {expect, test} from 'vitest'
import {label} from '../../../../src/lib/engine/labels.js'
import type {AddonRecord} from '../../../../src/lib/runtime/addons/addons.js'
import {momentOf} from '../../../../src/lib/runtime/addons/going-back.js'
import {addonEngine} from '../../../support/addon-engine.js'
import {type AddonWorld, addonWorld} from '../../../support/addon-world.js'

const me = 'me@example.com'
const standard = 'heroku-postgresql:standard-0'
const now = new Date('2026-11-30T12:00:00Z')

async function made(world: AddonWorld, options: Record<string, string> = {}, plan = standard): Promise<AddonRecord> {
  const {id} = await world.addons.create(world.demo, {plan, options}, me)
  await world.addons.idle()
  return world.addons.get(id)
}

/** A database whose archive begins at nine, at noon. */
async function atNoon(): Promise<{world: AddonWorld; engine: ReturnType<typeof addonEngine>; source: AddonRecord; server: string}> {
  const engine = addonEngine()
  const world = await addonWorld({engine, clock: {now: () => now, sleep: async () => undefined}})
  const source = await made(world)
  const server = (await engine.observe({[label.addon]: source.id}))[0]?.id as string
  engine.data.set(server, {text: 'PLANTED', window: String(Date.parse('2026-11-30T09:00:00Z') / 1000)})
  return {world, engine, source, server}
}

test.each([
  [{to: '2026-11-30 10:00+00'}, '2026-11-30T10:00:00.000Z'],
  [{to: '2026-11-30 10:00'}, '2026-11-30T10:00:00.000Z'],
  [{to: '2026-11-30 10:00 UTC'}, '2026-11-30T10:00:00.000Z'],
  [{to: '2026-11-30 10:00:30.5-0530'}, '2026-11-30T15:30:30.500Z'],
  [{to: '2026-11-30T10:00:00Z'}, '2026-11-30T10:00:00.000Z'],
  [{by: '1 day 3 hours'}, '2026-11-29T09:00:00.000Z'],
  [{by: '3 days, 7 hours 22 minutes'}, '2026-11-27T04:38:00.000Z'],
])('the time %j is %s', (options, moment) => {
  expect(momentOf(options as Record<string, string>, now).toISOString()).toBe(moment)
})

test.each([
  [{}, 'A rollback needs a time'],
  [{to: '2026-11-30 10:00', by: '1 day'}, 'Give one of them'],
  [{to: 'yesterday'}, '--to yesterday is not a time'],
  [{to: '2026-13-30 10:00'}, '--to 2026-13-30 10:00 is not a time'],
  [{by: 'a while'}, '--by a while is not a span of time'],
])('the time %j is refused', (options, why) => {
  expect(() => momentOf(options as Record<string, string>, now)).toThrow(why)
})

test('a rollback begins with the data as it was, under a password of its own', async () => {
  const {world, engine, source, server} = await atNoon()
  await using _world = world
  const rolledBack = await made(world, {rollback: 'DATABASE', to: '2026-11-30 10:00+00'})
  expect([rolledBack.state, world.addons.failure(rolledBack.id)]).toEqual(['provisioned', undefined])
  expect(rolledBack.options).toEqual({rollback: source.id, to: '2026-11-30T10:00:00.000Z'})
  const {user, database, password} = rolledBack.credentials
  expect({user, database}).toEqual({user: source.credentials['user'], database: source.credentials['database']})
  expect(password).not.toBe(source.credentials['password'])
  const [container] = await engine.observe({[label.addon]: rolledBack.id})
  const rows = await engine.exec(container?.id as string, ['cat', '/data/restore/rows'])
  expect(rows.stdout.toString()).toBe('PLANTED at 2026-11-30T10:00:00.000Z')
  // What was asked for as a span is kept as a moment: a runtime that is killed goes back to the same.
  const again = await made(world, {rollback: `demo::DATABASE`, by: '2 hours'})
  expect(again.options['to']).toBe('2026-11-30T10:00:00.000Z')
  expect((await engine.observe({[label.addon]: source.id}))[0]?.id).toBe(server)
})

test('what cannot be rolled back to is refused before anything is made', async () => {
  const {world, engine, source, server} = await atNoon()
  await using _world = world
  const essential = await made(world, {}, 'heroku-postgresql:essential-0')
  const cache = await made(world, {}, 'heroku-redis')
  const rollback = (options: Record<string, string>, plan = standard) => world.addons.create(world.demo, {plan, options}, me)
  const of = source.name
  await expect(rollback({rollback: of, to: '2026-11-30 08:59'})).rejects.toThrow(
    `${of} cannot be rolled back to 2026-11-30 08:59:00 UTC: that is before 2026-11-30 09:00:00 UTC, the earliest there is.`,
  )
  await expect(rollback({rollback: of, to: '2026-11-30 12:01'})).rejects.toThrow('that is in the future')
  await expect(rollback({rollback: of})).rejects.toMatchObject({id: 'invalid_params'})
  await expect(rollback({rollback: 'NOTHING', by: '1 hour'})).rejects.toMatchObject({id: 'not_found'})
  await expect(rollback({rollback: 'elsewhere::DATABASE', by: '1 hour'})).rejects.toMatchObject({id: 'not_found'})
  await expect(rollback({rollback: essential.name, by: '1 hour'})).rejects.toThrow(
    "You can't perform this operation on heroku-postgresql:essential-0 databases: they have no rollback; plans that have it are standard-0,",
  )
  await expect(rollback({rollback: cache.name, by: '1 hour'}, 'heroku-redis')).rejects.toThrow('have no rollback')
  engine.data.set(server, {text: '', window: ''})
  await expect(rollback({rollback: of, by: '1 hour'})).rejects.toMatchObject({id: 'conflict'})
  expect(world.addons.list()).toHaveLength(3)
})

test('a rollback whose source goes away meanwhile is no add-on, and leaves no data', async () => {
  const {world, engine, source, server} = await atNoon()
  await using _world = world
  engine.data.set(server, {text: 'it breaks off', window: '0'})
  const rolledBack = await made(world, {rollback: source.name, by: '1 hour'})
  expect(rolledBack.state).toBe('deprovisioned')
  expect(world.addons.failure(rolledBack.id)).toMatch(/Unexpected end of data|could not be copied/)
})

test('the archive is a volume beside the data, and goes with its add-on', async () => {
  const {world, engine, source} = await atNoon()
  await using _world = world
  const volumes: string[] = []
  const watched = world.again({
    ...engine,
    ensureVolume: (name, labels) => {
      if (labels[label.addon] === source.id) volumes.push(name)
      return engine.ensureVolume(name, labels)
    },
  })
  await watched.start()
  await watched.idle()
  const [archive = ''] = volumes.filter(name => name.endsWith('-archive'))
  const there = () => engine.volumeTree(archive, 'debian:13-slim', async () => true)
  expect(await there()).toBe(true)
  await world.addons.destroy(source, {force: false}, me)
  expect(await there()).toBeUndefined()
})
