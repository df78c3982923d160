import {cp, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import type {Engine, ImageRef} from '../../src/lib/engine/engine.js'
import {label} from '../../src/lib/engine/labels.js'
import type {AddonRecord} from '../../src/lib/runtime/addons/addons.js'
import {askClient, clientImage} from '../support/addon-client.js'
import {type AddonWorld, addonWorld, catalogueDirectory} from '../support/addon-world.js'

let engine: Engine
let image: ImageRef
beforeAll(async () => {
  engine = await connectDocker()
  image = await clientImage(engine)
}, 600_000)
afterAll(() => engine.close())

test('mailgun keeps as many bytes of mails as its plan says: the oldest go, one that is too large is refused', {
  timeout: 600_000,
}, async () => {
  await using world = await addonWorld({engine})
  const addon = await provisioned(world, 'mailgun')
  const [refusal, kept = ''] = (await ask(world, ['mailgun.mjs', 'fill', 'MAILGUN'])).split('\n')
  expect(refusal).toBe('552')
  const subjects = kept.split(',').toSorted()
  // Each has 2.4 MB: as a message, and its file beside it.
  expect(subjects).toEqual([7, 8, 9, 10, 11, 12, 13, 14, 15, 16].map(number => `number ${number}`).toSorted())
  const [used = Number.NaN, limit] = await dataSize(world, addon)
  expect(limit).toBe(25)
  expect(used).toBeGreaterThan(20)
  expect(used).toBeLessThanOrEqual(25)

  const [container] = await engine.observe({[label.addon]: addon.id})
  await engine.stop(container?.id as string, {graceSeconds: 60})
  await world.again().start()
  await world.addons.changePlan(addon, 'basic', 'me@example.com')
  expect((await ask(world, ['mailgun.mjs', 'read', 'MAILGUN'])).match(/number \d+/g)?.toSorted()).toEqual(subjects)
  expect((await dataSize(world, addon))[1]).toBe(100)
})

test('a database that does not answer is unavailable, as far as anybody can tell', {timeout: 600_000}, async () => {
  await using world = await addonWorld({engine})
  const addon = await provisioned(world, 'heroku-postgresql')
  const status = async () => new Map(await world.addons.facts(addon)).get('Status')
  const [container] = await engine.observe({[label.addon]: addon.id})
  const signal = (name: string) => engine.exec(container?.id as string, ['bash', '-c', `kill -${name} $(head -1 /data/17/postmaster.pid)`])
  expect(await status()).toBeUndefined()
  await signal('STOP')
  expect(await status()).toBe('Unavailable')
  await signal('CONT')
  expect(await status()).toBeUndefined()
})

test('bucketeer refuses what its plan has no room for, in one piece, in parts and as a copy', {timeout: 600_000}, async () => {
  await using catalogue = await smallBuckets()
  await using world = await addonWorld({engine, catalogueDirectory: catalogue.directory})
  const addon = await provisioned(world, 'bucketeer')
  expect(await ask(world, ['s3.mjs', 'use', 'BUCKETEER'])).toBe('opened\n403\nopened\n412\nhttp://app.localhost\n')
  // Eleven of 10 MB; the room that one leaves is for one again.
  expect(await ask(world, ['s3.mjs', 'fill', 'BUCKETEER'])).toBe('11 QuotaExceeded QuotaExceeded QuotaExceeded\nundefined QuotaExceeded\n')
  const [used = Number.NaN, limit] = await dataSize(world, addon)
  expect(limit).toBe(115)
  expect(Math.floor(used)).toBe(110)
  await expect(ask(world, ['s3.mjs', 'write', 'BUCKETEER', 'word'])).rejects.toThrow('QuotaExceeded')
  await world.addons.changePlan(addon, 'micro', 'me@example.com')
  await ask(world, ['s3.mjs', 'write', 'BUCKETEER', 'word'])
})

/** The catalogue of one service, whose plans have room for eleven objects of 10 MB, and for more. */
async function smallBuckets(): Promise<AsyncDisposable & {directory: string}> {
  const directory = await mkdtemp(join(tmpdir(), 'hk-catalogue-'))
  const folder = join(directory, 'bucketeer')
  await cp(join(catalogueDirectory, 'bucketeer'), folder, {recursive: true})
  const file = join(folder, 'addon-manifest.json')
  const manifest = JSON.parse(await readFile(file, 'utf8'))
  for (const [name, storage] of [
    ['hobbyist', '115 MB'],
    ['micro', '1 GB'],
  ])
    manifest.local.plans.find((plan: {name: string}) => plan.name === name).limits.storage = storage
  await writeFile(file, JSON.stringify(manifest))
  return {directory, [Symbol.asyncDispose]: () => rm(directory, {recursive: true})}
}

async function provisioned(world: AddonWorld, plan: string): Promise<AddonRecord> {
  const {id} = await world.addons.create(world.demo, {plan}, 'me@example.com')
  await world.addons.idle()
  expect({state: world.addons.get(id).state, failure: world.addons.failure(id)}).toEqual({state: 'provisioned', failure: undefined})
  return world.addons.get(id)
}

function ask(world: AddonWorld, command: string[]): Promise<string> {
  return askClient(world, 'demo', image, command)
}

/** MB that the data takes, and may take. */
async function dataSize(world: AddonWorld, addon: AddonRecord): Promise<number[]> {
  const [, size = ''] = (await world.addons.facts(addon)).find(([name]) => name === 'Data Size') ?? []
  return size.split(' / ').map(one => Number(one.replace(' MB', '')))
}
