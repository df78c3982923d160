import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {createGzip} from 'node:zlib'
import {pack} from 'tar-stream'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import type {Engine, ImageRef} from '../../src/lib/engine/engine.js'
import {label} from '../../src/lib/engine/labels.js'
import {askClient, clientImage} from '../support/addon-client.js'
import {addonWorld} from '../support/addon-world.js'

let engine: Engine
let image: ImageRef
beforeAll(async () => {
  engine = await connectDocker()
  image = await clientImage(engine)
})
afterAll(() => engine.close())

/** The files that docs/addons.md shows, by their names. */
function documented(): Record<string, string> {
  const text = readFileSync(fileURLToPath(new URL('../../docs/addons.md', import.meta.url)), 'utf8')
  return Object.fromEntries(
    [...text.matchAll(/^`([\w.-]+)`[^\n]*:\n\n```\w+\n(.*?)```$/gms)].map(([, name, content]) => [name, content as string]),
  )
}

function tarball(files: Record<string, string>) {
  const tar = pack()
  for (const [name, content] of Object.entries(files)) tar.entry({name}, content)
  tar.finalize()
  return tar.pipe(createGzip())
}

test('a folder as docs/addons.md shows it becomes a service, with nothing else changed', {timeout: 300_000}, async () => {
  const files = documented()
  expect(Object.keys(files)).toEqual(['addon-manifest.json', 'Dockerfile', 'serve'])
  await using world = await addonWorld({engine})
  const installed = await world.addons.installed.install(tarball(files))
  expect(installed).toMatchObject({name: 'valkey', plans: ['valkey:mini'], addons: []})

  const {id} = await world.addons.create(world.demo, {plan: 'valkey'}, 'me@example.com')
  await world.addons.idle()
  expect({state: world.addons.get(id).state, failure: world.addons.failure(id)}).toEqual({state: 'provisioned', failure: undefined})
  const ask = (...args: string[]): Promise<string> => askClient(world, 'demo', image, ['redis-store.py', ...args])
  await ask('write', 'VALKEY', 'survivor')
  expect(await ask('connections', 'VALKEY')).toBe('20\n')

  // Another version of the folder, under the same data: a larger plan and a server that says so.
  const manifest = JSON.parse(files['addon-manifest.json'] as string)
  manifest.local.plans.push({
    ...manifest.local.plans[0],
    name: 'maxi',
    default: false,
    limits: {memory: '256 MB', connections: 33, storage: '50 MB'},
  })
  const [before] = await engine.observe({[label.addon]: id})
  await world.addons.installed.install(
    tarball({...files, 'addon-manifest.json': JSON.stringify(manifest), serve: `${files['serve']}# again\n`}),
  )
  await world.addons.idle()
  const [after] = await engine.observe({[label.addon]: id})
  expect(after?.id).not.toBe(before?.id)
  await world.addons.changePlan(world.addons.get(id), 'maxi', 'me@example.com')
  expect(await ask('read', 'VALKEY')).toContain('survivor')
  expect(await ask('connections', 'VALKEY')).toBe('33\n')

  // What a new runtime finds.
  const again = world.again()
  expect(again.catalogue.service('valkey').manifest.local.plans.map(plan => plan.name)).toEqual(['mini', 'maxi'])

  await expect(world.addons.installed.uninstall('valkey')).rejects.toThrow(/valkey has add-ons: valkey-.* Destroy them first/)
  await world.addons.destroy(world.addons.get(id), {force: false}, 'me@example.com')
  await expect(world.addons.installed.uninstall('valkey')).rejects.toThrow(/needed to restore/)
  for (const snapshot of world.addons.snapshots.list()) await world.addons.snapshots.remove(snapshot)
  await world.addons.installed.uninstall('valkey')
  expect(await world.addons.installed.list()).toEqual([])
  const images = await engine.images({[label.kind]: 'addon'})
  expect(images.flatMap(one => one.tags).filter(tag => tag.includes('valkey'))).toEqual([])
})
