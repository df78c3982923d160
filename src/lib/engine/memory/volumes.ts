import {text} from 'node:stream/consumers'
import {pipeline} from 'node:stream/promises'
import {extract} from 'tar-stream'
import type {Engine} from '../engine.js'
import {treeOf} from './tree.js'
import type {World} from './world.js'

export function memoryVolumes(world: World): Pick<Engine, 'ensureVolume' | 'volumeTree' | 'fillVolume'> {
  return {
    async ensureVolume(name, labels) {
      if (!world.volumes.has(name)) world.volumes.set(name, {labels: {...world.common, ...labels}, files: new Map()})
    },
    async volumeTree(name, _image, take) {
      const volume = world.volumes.get(name)
      return volume === undefined
        ? undefined
        : await take(
            treeOf(
              '/volume',
              [...volume.files].map(([path, text]) => [`/volume${path}`, text]),
            ),
          )
    },
    async fillVolume(name, _image, tar) {
      const unpack = extract()
      const files = world.volumes.get(name)?.files
      const reading = (async () => {
        for await (const entry of unpack) files?.set(entry.header.name.slice('volume'.length), await text(entry))
      })()
      await Promise.all([pipeline(tar, unpack), reading])
    },
  }
}
