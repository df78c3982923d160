import type {Engine} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import {cacheMark} from './plan-context.js'
import type {Slugs} from './slugs.js'

interface SlugImagesDeps {
  engine: Engine
  log: RuntimeLog
  slugs: Slugs
  /** The home's id. */
  home: string
}

/** The engine's images of slugs. */
export class SlugImages {
  constructor(private readonly deps: SlugImagesDeps) {}

  /** Removes the images of an app that no slug names. Nothing of that app may be building meanwhile. */
  async sweep(appId: string): Promise<void> {
    const {engine, home, slugs} = this.deps
    const found = await engine.images({[label.home]: home, [label.kind]: 'slug', [label.app]: appId})
    for (const image of found) if (!slugs.named(appId, image.id)) await engine.removeImage(image.id)
  }

  /** Removes every image of an app that is gone, and the caches that its builds have filled. */
  async removeApp(appId: string): Promise<void> {
    const {engine, home, log} = this.deps
    const images = await engine.images({[label.home]: home, [label.app]: appId})
    if (images.length === 0) return
    for (const {id} of images) await engine.removeImage(id).catch(error => log.info('image kept', {image: id, error}))
    const {cache} = await engine.storage()
    await engine.removeCache(cache.filter(({description}) => description.includes(cacheMark(appId))).map(({id}) => id))
  }
}
