import {Readable} from 'node:stream'
import {expect, test} from 'vitest'
import {memoryEngine} from '../../../../src/lib/engine/memory/memory-engine.js'
import {SlugImages} from '../../../../src/lib/runtime/slugs/slug-images.js'
import {Slugs} from '../../../../src/lib/runtime/slugs/slugs.js'
import {systemClock} from '../../../../src/lib/runtime/support/clock.js'
import {silentLog} from '../../../../src/lib/runtime/support/runtime-log.js'
import {scratchStore} from '../../../support/unsynced-store.js'
import {addApp, appId} from '../dynos/support.js'

test('the images that a sweep leaves are those that some slug runs a process type in', async () => {
  const engine = memoryEngine({home: 'home'})
  const store = await scratchStore()
  addApp(store)
  const slugs = new Slugs(store, systemClock)
  const build = (tag: string): Promise<string> =>
    engine.build({
      context: Readable.from([Buffer.from(tag)]),
      tags: [tag],
      labels: {'hokku.kind': 'slug', 'hokku.app': appId},
      onProgress: () => undefined,
    })
  const [web = '', worker = '', old = '', nobody = ''] = await Promise.all(['web', 'worker', 'old', 'nobody'].map(build))
  const slug = {appId, stack: 'container', processTypes: {}, commit: undefined, commitDescription: undefined}
  const about = {buildpackDescription: undefined, size: undefined}
  const process = (image: string) => ({image, entrypoint: [], command: ['x']})
  slugs.add({...slug, ...about, image: web, container: {web: process(web), worker: process(worker)}})
  slugs.add({...slug, ...about, image: old})
  await new SlugImages({engine, log: silentLog, slugs, home: 'home'}).sweep(appId)
  const left = await Promise.all([web, worker, old, nobody].map(image => engine.image(image)))
  expect(left.map(image => image !== undefined)).toEqual([true, true, true, false])
})
