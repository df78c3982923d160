import {readdir, utimes, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {readSetting} from '../../../../src/lib/runtime/store/store.js'
import type {Collection} from '../../../../src/lib/schema/collection.js'
import type {Release} from '../../../../src/lib/schema/resources.js'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'
import {tarOf} from '../../../support/tar-of.js'

const commit = (digit: number): string => String(digit).repeat(40)

/** A platform whose compiler makes an image of its own for each build of app demo. */
async function startBuilding(): Promise<TestPlatform> {
  const platform = await startTestPlatform()
  const {compile} = platform.compiler
  platform.compiler.compile = async request => {
    const compiled = await compile(request)
    const labels = labelsOf(platform, request.appId)
    const context = tarOf({Dockerfile: `FROM debian:13-slim\n# ${request.sourceVersion}`})
    return {...compiled, image: await platform.engine.build({context, tags: [], labels, onProgress: () => undefined})}
  }
  await platform.api('POST', '/apps', {name: 'demo'})
  return platform
}

const labelsOf = ({runtime}: TestPlatform, appId: string): Record<string, string> => ({
  'hokku.home': readSetting(runtime.store, 'home.id') ?? '',
  'hokku.kind': 'slug',
  'hokku.app': appId,
})

const images = async ({engine}: TestPlatform): Promise<number> => (await engine.images({'hokku.kind': 'slug'})).length
const releases = (platform: TestPlatform): Promise<Release[]> => platform.api('GET', '/apps/demo/releases')

test('keeps the newest slugs, says what it took, and a rollback to the others says what to do', async () => {
  await using platform = await startBuilding()
  for (const digit of [1, 2, 3, 4]) await platform.deploy('demo', {Procfile: 'web: serve\n'}, commit(digit))
  expect(await images(platform)).toBe(4)
  const dry = await platform.run('builds:prune --keep 2 --dry-run')
  expect(dry.stdout).toContain('demo  v3\ndemo  v4\nNothing was removed. It would free at most ')
  expect(await images(platform)).toBe(4)

  const pruned = JSON.parse((await platform.run('builds:prune --keep 2 --json')).stdout) as Collection
  expect(pruned).toMatchObject({
    dry_run: false,
    slugs: [
      {app: 'demo', releases: [3]},
      {app: 'demo', releases: [4]},
    ],
  })
  expect(pruned.freed_bytes).toBe(200_000_000)
  expect(await images(platform)).toBe(2)
  expect((await releases(platform)).map(({status, eligible_for_rollback: eligible}) => [status, eligible])).toEqual([
    ['succeeded', false],
    ['succeeded', false],
    ['expired', false],
    ['expired', false],
    ['succeeded', true],
    ['succeeded', true],
  ])
  expect((await platform.run('releases --app demo')).stdout).toMatch(/v4 .*release expired/)
  const back = await platform.run('rollback v4 --app demo')
  expect(back.stderr).toContain(
    `its slug was removed, since newer ones took its place. Push its commit again: git push hokku ${commit(2)}:main`,
  )
  expect((await platform.run('rollback v5 --app demo')).exitCode).toBe(0)
  expect((await platform.run('builds:prune --keep 2 --json')).stdout).toContain('"slugs": []')
})

test('never takes the slug that runs, though it is the oldest', async () => {
  await using platform = await startBuilding()
  for (const digit of [1, 2, 3]) await platform.deploy('demo', {Procfile: 'web: serve\n'}, commit(digit))
  await platform.run('rollback v3 --app demo')
  await platform.dynos('demo', {'web.1': 'up'})
  const {slugs} = JSON.parse((await platform.run('builds:prune --keep 1 --json')).stdout) as Collection
  expect(slugs.map(one => one.releases)).toEqual([[4], [5]])
  await platform.run('ps:restart --app demo')
  await platform.dynos('demo', {'web.1': 'up'})
})

test('takes images that came to no slug, uploads nobody built, and stale cache of ours', async () => {
  await using platform = await startBuilding()
  await platform.deploy('demo', {Procfile: 'web: serve\n'}, commit(1))
  const {id} = await platform.api<{id: string}>('GET', '/apps/demo')
  const labels = labelsOf(platform, id)
  await platform.engine.build({context: tarOf({Dockerfile: 'FROM x'}), tags: [], labels, onProgress: () => undefined})
  const upload = join(platform.home.builds, `${'a'.repeat(48)}.upload`)
  await writeFile(upload, 'x')
  await utimes(upload, new Date(0), new Date(0))
  const unused = {parents: [], sizeBytes: 5000, inUse: false, shared: false, lastUsedAt: new Date(0)}
  platform.engine.cache.push({
    ...unused,
    id: 'ours',
    description: 'mount / from exec /bin/bash -c exec /usr/bin/perl /run/hokku/step-shell x',
  })
  platform.engine.cache.push({...unused, id: 'theirs', description: 'mount / from exec /bin/sh -c x'})
  const found = JSON.parse((await platform.run('builds:prune --json')).stdout) as Collection
  expect(found).toMatchObject({slugs: [], images: [{kind: 'slug'}], cache: {records: 1, bytes: 5000}, files: 1})
  expect(platform.engine.cache.map(one => one.id)).toEqual(['theirs'])
  expect((await readdir(platform.home.builds)).filter(name => name.endsWith('.upload'))).toEqual([])
  expect(await images(platform)).toBe(1)
})

test('apps:destroy removes the app’s images, and the caches that its builds filled', async () => {
  await using platform = await startBuilding()
  const {id} = await platform.api<{id: string}>('GET', '/apps/demo')
  for (const digit of [1, 2]) await platform.deploy('demo', {Procfile: 'web: serve\n'}, commit(digit))
  const cache = {parents: [], sizeBytes: 1, inUse: false, shared: false, lastUsedAt: new Date()}
  platform.engine.cache.push({...cache, id: 'its', description: `cached mount /tmp/x from exec step-shell : caches of ${id}; npm ci`})
  platform.engine.cache.push({...cache, id: 'other', description: 'cached mount /tmp/x from exec step-shell : caches of 0-1; npm ci'})
  await platform.run('apps:destroy --app demo --confirm demo')
  expect(await images(platform)).toBe(0)
  expect(platform.engine.cache.map(one => one.id)).toEqual(['other'])
})
