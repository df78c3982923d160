import {readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import type {Engine} from '../../../../src/lib/engine/engine.js'
import {EngineError} from '../../../../src/lib/engine/engine.js'
import {label} from '../../../../src/lib/engine/labels.js'
import type {AddonRecord} from '../../../../src/lib/runtime/addons/addons.js'
import {engineNames} from '../../../../src/lib/runtime/support/names.js'
import {addonEngine} from '../../../support/addon-engine.js'
import {type AddonWorld, addonWorld} from '../../../support/addon-world.js'
import {shiftedClock} from '../../../support/movable-clock.js'
import {tarOf} from '../../../support/tar-of.js'

const me = 'me@example.com'
const day = 24 * 60 * 60 * 1000

async function provisioned(world: AddonWorld, plan = 'heroku-postgresql', options: Record<string, string> = {}): Promise<AddonRecord> {
  const {id} = await world.addons.create(world.demo, {plan, options}, me)
  await world.addons.idle()
  const addon = world.addons.get(id)
  expect({state: addon.state, failure: world.addons.failure(id)}).toEqual({state: 'provisioned', failure: undefined})
  return addon
}

async function inside(engine: Engine, addon: AddonRecord, script: string): Promise<string> {
  const [container] = await engine.observe({[label.addon]: addon.id})
  return (await engine.exec(container?.id as string, ['sh', '-c', script])).stdout.toString()
}

/** Whether the engine has the volume of an add-on. */
async function hasData(world: AddonWorld, engine: Engine, {id}: AddonRecord): Promise<boolean> {
  const volume = engineNames(world.home).addonVolume(id)
  return (await engine.volumeTree(volume, 'debian:13-slim', async () => true)) ?? false
}

test('what a destroyed add-on held comes back in a new one, with its credentials', async () => {
  const engine = addonEngine()
  await using world = await addonWorld({engine})
  const old = await provisioned(world)
  await inside(engine, old, 'echo PLANTED > /data/note')
  await world.addons.destroy(old, {force: false}, me)
  expect(await hasData(world, engine, old)).toBe(false)
  const [snapshot] = world.addons.snapshots.list()
  expect(snapshot).toMatchObject({id: old.id, name: old.name, app: 'demo', service: 'heroku-postgresql', plan: 'essential-0'})
  expect((snapshot?.expiresAt.getTime() ?? 0) - (snapshot?.createdAt.getTime() ?? 0)).toBe(7 * day)

  const fresh = await provisioned(world, 'heroku-postgresql:standard-0', {snapshot: old.name})
  const {user, password, database} = old.credentials
  expect(fresh.credentials).toMatchObject({user, password, database})
  expect(fresh.hostPort).not.toBe(old.hostPort)
  expect(await inside(engine, fresh, 'cat /data/note')).toBe('PLANTED\n')
  // It is filled once: what is written afterwards stays.
  await inside(engine, fresh, 'echo later > /data/note')
  const again = world.again()
  await again.start()
  await again.idle()
  expect(await inside(engine, fresh, 'cat /data/note')).toBe('later\n')
})

test('a snapshot has the bytes of its data, in however many pieces they came', async () => {
  const engine = addonEngine()
  await using world = await addonWorld({engine})
  const old = await provisioned(world)
  const tar = tarOf({'volume/one': 'x'.repeat(1 << 20), 'volume/two': 'x'.repeat(1 << 20)})
  await engine.fillVolume(engineNames(world.home).addonVolume(old.id), 'debian:13-slim', tar)
  await world.addons.destroy(old, {force: false}, me)
  const [snapshot] = world.addons.snapshots.list()
  expect(snapshot?.dataBytes).toBeGreaterThan(2 << 20)
  expect(snapshot?.dataBytes).toBeLessThan((2 << 20) + 20_000)
})

test('a snapshot is a file that nobody can read, and its credentials are not in the store', async () => {
  const engine = addonEngine()
  await using world = await addonWorld({engine})
  const old = await provisioned(world)
  await inside(engine, old, 'echo PLANTED > /data/note')
  await world.addons.destroy(old, {force: false}, me)
  expect(await readdir(world.snapshots)).toEqual([`${old.id}.tar.gz`])
  expect((await readFile(join(world.snapshots, `${old.id}.tar.gz`))).subarray(40, 42).toString('hex')).not.toBe('1f8b')
  const rows = JSON.stringify(world.store.all('SELECT * FROM addon_snapshots'))
  for (const secret of Object.values(old.credentials)) expect(rows).not.toContain(secret)
})

test('data that cannot be kept is not removed, and destroying it again goes on', async () => {
  const engine = addonEngine()
  await using world = await addonWorld({engine})
  const old = await provisioned(world)
  await rm(world.snapshots, {recursive: true})
  await writeFile(world.snapshots, 'no folder')
  await expect(world.addons.destroy(old, {force: false}, me)).rejects.toMatchObject({
    id: 'service_unavailable',
    message: expect.stringContaining(`The data of ${old.name} could not be kept as a snapshot, so it was not removed`),
  })
  expect(world.addons.get(old.id).state).toBe('deprovisioning')
  expect(await hasData(world, engine, old)).toBe(true)
  await rm(world.snapshots)
  await world.addons.destroy(world.addons.get(old.id), {force: false}, me)
  expect(world.addons.snapshots.list().map(one => one.name)).toEqual([old.name])
  expect(await hasData(world, engine, old)).toBe(false)
})

test('a runtime that is killed before the data has gone does not take it twice, and removes it', async () => {
  const engine = addonEngine()
  let killed = true
  const dying = {
    ...engine,
    removeAll: async (labels: Record<string, string>) => {
      if (killed && labels[label.addon] !== undefined) throw new Error('killed')
      await engine.removeAll(labels)
    },
  }
  await using world = await addonWorld({engine: dying})
  const old = await provisioned(world)
  await inside(engine, old, 'echo PLANTED > /data/note')
  await expect(world.addons.destroy(old, {force: false}, me)).rejects.toThrow('killed')
  const taken = world.addons.snapshots.list()
  killed = false
  const again = world.again()
  await again.start()
  await again.idle()
  expect(await hasData(world, engine, old)).toBe(false)
  expect(again.snapshots.list()).toEqual(taken)
})

test('filling begins again after a runtime was killed in the middle of it', async () => {
  const engine = addonEngine()
  await using world = await addonWorld({engine})
  const old = await provisioned(world)
  await inside(engine, old, 'echo PLANTED > /data/note')
  await world.addons.destroy(old, {force: false}, me)
  const stuck: Engine = {
    ...engine,
    async fillVolume(name, image, tar) {
      await engine.fillVolume(name, image, tar)
      await engine.fillVolume(name, image, tarOf({'volume/stray': 'of the first try'}))
      throw new EngineError('unavailable', 'broken off')
    },
  }
  const dying = world.again(stuck)
  const {id} = await dying.create(world.demo, {plan: 'heroku-postgresql', options: {snapshot: old.id}}, me)
  const again = world.again()
  await dying.close()
  await again.start()
  await again.idle()
  expect(again.get(id).state).toBe('provisioned')
  expect(await inside(engine, again.get(id), 'cat /data/note')).toBe('PLANTED\n')
  expect(await inside(engine, again.get(id), 'cat /data/stray')).toBe('')
})

test('a snapshot goes after seven days and not before; a dry run leaves it', async () => {
  const clock = shiftedClock()
  await using world = await addonWorld({engine: addonEngine(), clock})
  const old = await provisioned(world)
  await world.addons.destroy(old, {force: false}, me)
  const {snapshots} = world.addons
  clock.advance(7 * day - 60_000)
  expect(await snapshots.expire({dryRun: false})).toEqual([])
  clock.advance(60_000)
  expect(await snapshots.expire({dryRun: true})).toHaveLength(1)
  expect(await readdir(world.snapshots)).toHaveLength(1)
  expect(await snapshots.expire({dryRun: false})).toHaveLength(1)
  expect([snapshots.list(), await readdir(world.snapshots)]).toEqual([[], []])
})

test('names of a snapshot that are none, or several, or of another service are refused', async () => {
  await using world = await addonWorld({engine: addonEngine()})
  for (const _round of [1, 2]) {
    const {id} = await world.addons.create(world.demo, {plan: 'heroku-redis', name: 'cache'}, me)
    await world.addons.idle()
    await world.addons.destroy(world.addons.get(id), {force: false}, me)
  }
  const from = (snapshot: string, plan = 'heroku-redis') => world.addons.create(world.demo, {plan, options: {snapshot}}, me)
  await expect(from('nothing')).rejects.toMatchObject({id: 'not_found'})
  await expect(from('cache')).rejects.toThrow(/Several add-ons of that name were destroyed: .*Say which by its id/)
  const id = world.addons.snapshots.list()[0]?.id as string
  await expect(from(id, 'heroku-postgresql')).rejects.toThrow('The snapshot of cache is of heroku-redis, not of heroku-postgresql.')
})

test('nothing but destroying removes data: neither a lost record nor the end of its server', async () => {
  const engine = addonEngine()
  await using world = await addonWorld({engine})
  const lost = await provisioned(world)
  const gone = await provisioned(world, 'heroku-redis')
  await engine.vanish((await engine.observe({[label.addon]: gone.id}))[0]?.id as string)
  world.store.run('DELETE FROM addons WHERE id = ?', lost.id)
  const again = world.again()
  await again.start()
  await again.idle()
  expect(await engine.observe({[label.addon]: lost.id})).toEqual([])
  expect([await hasData(world, engine, lost), await hasData(world, engine, gone)]).toEqual([true, true])
})

test('an add-on that was never provisioned leaves no snapshot', async () => {
  const failing = addonEngine({
    build: () => {
      throw new EngineError('build_failed', 'apt-get found no mirror')
    },
  })
  await using world = await addonWorld({engine: failing})
  await world.addons.create(world.demo, {plan: 'heroku-postgresql'}, me)
  await world.addons.idle()
  expect(world.addons.snapshots.list()).toEqual([])
})
