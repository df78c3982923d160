import type {Engine} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'
import type {Slugs} from './slugs.js'

interface SlugImagesDeps {
  engine: Engine
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
}
