import type {Readable} from 'node:stream'
import type {AddonRecord} from './addons.js'
import {imageTag} from './images.js'
import {ensureVolume} from './instance.js'
import {known, type Parts} from './parts.js'

/** Add-ons as a backup of the platform sees them. */
export function moving(parts: Parts) {
  const get = (addonId: string): AddonRecord => parts.rows.addon(addonId) as AddonRecord
  return {
    list: () => parts.rows.addons(),
    images: () => runningImages(parts),
    data: <T>(addon: AddonRecord, take: (tar: Readable) => Promise<T>) => dataOf(parts, addon, take),
    nameOf: (addonId: string) => parts.rows.addon(addonId)?.name,
    hasData: (addonId: string) => hasData(parts, get(addonId)),
    takeData: (addonId: string, tar: Readable) => takeData(parts, get(addonId), tar),
  }
}

/** Tags of the images that add-ons run, as far as this engine has them. */
async function runningImages(parts: Parts): Promise<string[]> {
  const tags = new Set(parts.rows.addons().map(addon => imageTag(known(parts, addon).service)))
  const found = await Promise.all([...tags].map(async tag => ((await parts.engine.image(tag)) === undefined ? [] : [tag])))
  return found.flat()
}

/** What a volume holds as of one moment: its server is frozen as long as it is read, and its clients wait. Nothing else is done to it meanwhile. */
async function dataOf<T>(parts: Parts, addon: AddonRecord, take: (tar: Readable) => Promise<T>): Promise<T | undefined> {
  const {engine, images, instances, names, queues, rows} = parts
  return await queues.run(addon.id, async () => {
    const {service} = known(parts, addon)
    const present = rows.addon(addon.id)
    // A follower brings its data by itself, from its leader as it will be then.
    if (present?.state !== 'provisioned' || present.options['follow'] !== undefined || service.manifest.local.server !== 'container')
      return undefined
    const image = await images.ensure(service, new AbortController().signal)
    return await instances.frozen(addon.id, () => engine.volumeTree(names.addonVolume(addon.id), image, take))
  })
}

/** Whether the engine has a volume of the add-on. */
async function hasData(parts: Parts, addon: AddonRecord): Promise<boolean> {
  const image = await parts.images.ensure(known(parts, addon).service, new AbortController().signal)
  return (await parts.engine.volumeTree(parts.names.addonVolume(addon.id), image, async () => true)) === true
}

/** Fills the volume of an add-on whose server has not been started yet. Doing it again after a failure is fine. */
async function takeData(parts: Parts, addon: AddonRecord, tar: Readable): Promise<void> {
  const image = await parts.images.ensure(known(parts, addon).service, new AbortController().signal)
  await parts.engine.fillVolume(await ensureVolume(parts, addon.id), image, tar)
}
