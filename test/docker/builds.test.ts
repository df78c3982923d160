import {randomUUID} from 'node:crypto'
import {mkdtemp, readdir, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import {label} from '../../src/lib/engine/labels.js'
import {createRuntime, type Runtime} from '../../src/lib/runtime/runtime.js'
import {createSlugCompiler} from '../../src/lib/runtime/slugs/slug-compiler.js'
import {readSetting} from '../../src/lib/runtime/store/store.js'
import {packageVersion} from '../../src/lib/runtime/support/version.js'
import type {Collection} from '../../src/lib/schema/collection.js'
import {homeAt} from '../../src/lib/schema/home.js'
import type {Build} from '../../src/lib/schema/resources.js'
import {eventually} from '../support/eventually.js'
import {fakeAcme} from '../support/fake-acme.js'
import {fakeRouter} from '../support/fake-router.js'
import {root} from '../support/slug-workshop.js'
import {tarOf} from '../unit/runtime/slugs/source-files.js'

const seed = Number(process.env['HOKKU_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const directory = await mkdtemp(join(tmpdir(), 'hk-cancel-'))
const home = homeAt(directory)
let runtime: Runtime

beforeAll(async () => {
  runtime = await createRuntime({
    home,
    root,
    version: packageVersion(root),
    hook: ['/bin/true'],
    engine: homeId => connectDocker({home: homeId}),
    router: () => fakeRouter(),
    acme: () => fakeAcme(),
    compiler: ground => createSlugCompiler(ground),
    apiPort: () => 1,
    onStop: () => undefined,
  })
  await runtime.start()
})

afterAll(async () => {
  const engine = await connectDocker()
  const labels = {[label.home]: readSetting(runtime.store, 'home.id') ?? 'none'}
  await runtime.close()
  await engine.removeAll(labels)
  for (const image of await engine.images({...labels, [label.kind]: 'slug'})) await engine.removeImage(image.id)
  await engine.close()
  await rm(directory, {recursive: true, force: true})
})

async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
  const init = body === undefined ? {method} : {method, body: JSON.stringify(body), headers: {'Content-Type': 'application/json'}}
  const answer = await runtime.fetch(new Request(`http://127.0.0.1${path}`, init))
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as T
}

/** Pushes an app whose every build is new; what the build printed. */
async function push(): Promise<string> {
  const tar = tarOf([
    {path: 'package.json', text: JSON.stringify({engines: {node: '24.x'}, scripts: {build: `sleep 1; echo ${randomUUID()} > made`}})},
    {path: 'Procfile', text: 'worker: sleep 1000\nrelease: sleep 2\n'},
  ])
  const headers = {'Content-Type': 'application/x-tar'}
  return await (await runtime.fetch(new Request('http://127.0.0.1/apps/demo/builds', {method: 'POST', body: tar, headers}))).text()
}

const builds = (): Promise<Build[]> => api('GET', '/apps/demo/builds')

test('a build that is canceled at any moment leaves nothing behind, and the next one is whole', async () => {
  await api('POST', '/apps', {name: 'demo'})
  const {id} = await api<{id: string}>('GET', '/apps/demo')
  const begun = Date.now()
  expect(await push()).toContain('Waiting for release.... done.')
  const whole = Date.now() - begun
  let state = seed
  for (let round = 0; round < 10; round += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    const moment = ((state >>> 8) / 2 ** 23) * whole
    const why = `seed ${seed}, round ${round}, after ${Math.round(moment)} of ${whole} ms`
    const told = push()
    await sleep(moment)
    const running = (await builds()).at(-1) as Build
    await api('DELETE', `/apps/demo/builds/${running.id}`).catch(error => expect(String(error), why).toContain('has ended already'))
    await told
    await eventually(
      async () => expect((await api<Build>('GET', `/apps/demo/builds/${running.id}`)).status, why).not.toBe('pending'),
      60_000,
    )
    await eventually(async () => {
      const images = await runtime.services.engine.images({[label.app]: id})
      expect(
        images.filter(image => !runtime.services.slugs.named(id, image.id)).map(image => image.id),
        why,
      ).toEqual([])
      expect(
        (await readdir(home.builds)).filter(name => !name.endsWith('.log')),
        why,
      ).toEqual([])
      const containers = await runtime.services.engine.observe({[label.app]: id})
      expect(
        containers.filter(({labels}) => labels[label.type] === 'release').map(({name}) => name),
        why,
      ).toEqual([])
    }, 60_000)
    const pending = runtime.store.all(`SELECT id FROM releases WHERE status = 'pending'`)
    expect(pending, why).toEqual([])
  }
  expect(await push()).toContain('Waiting for release.... done.')
}, 900_000)

test('builds:prune takes the slug that no release can go back to, and its image; what runs stays', async () => {
  const before = await api<{version: number; status: string}[]>('GET', '/apps/demo/releases')
  const {id} = await api<{id: string}>('GET', '/apps/demo')
  const prune = (dry: boolean): Promise<Collection> => api('POST', '/runtime/prune', {dry_run: dry, keep: 1})
  const images = async (): Promise<number> => (await runtime.services.engine.images({[label.app]: id})).length
  const there = await images()
  expect(there).toBeGreaterThan(1)
  const would = await prune(true)
  expect(await images()).toBe(there)
  const {slugs, dry_run: dry, cache} = await prune(false)
  expect([dry, slugs]).toEqual([false, would.slugs])
  expect(cache.bytes).toBeGreaterThanOrEqual(0)
  expect(slugs.length).toBeGreaterThan(0)
  // What a failed release has left is kept for a day.
  expect(await images()).toBe(new Set(runtime.services.slugs.list(id).map(({image}) => image)).size)
  expect(await images()).toBe(there - slugs.length)
  const after = await api<{version: number; status: string; current: boolean}[]>('GET', '/apps/demo/releases')
  expect(after.filter(({status}) => status === 'expired').length).toBe(slugs.flatMap(({releases}) => releases).length)
  expect(after.at(-1)).toMatchObject({status: 'succeeded', current: true, version: before.at(-1)?.version})
  expect(await push()).toContain('Waiting for release.... done.')
}, 300_000)
