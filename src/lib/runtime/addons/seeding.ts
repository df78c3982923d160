import {label} from '../../engine/labels.js'
import {PlatformError} from '../../schema/errors.js'
import type {AddonRecord} from './addons.js'
import type {CatalogueService} from './catalogue.js'
import {withoutCertificate} from './credentials.js'
import type {Parts} from './parts.js'

/** What an add-on's first data comes from: options of its creation. */
export interface Seed {
  /** As they are kept with the add-on. */
  options: Record<string, string>
  /** Of the data; undefined: new ones. */
  credentials?: Record<string, string>
}

/** Reads the options of a new add-on: `snapshot` names one that its data shall come from. Throws not_found, invalid_params. */
export function seedOf({snapshots}: Parts, service: CatalogueService, options: Record<string, string>): Seed {
  const {snapshot: identity} = options
  if (identity === undefined) return {options}
  const snapshot = snapshots.get(identity)
  if (snapshot.service !== service.manifest.id)
    throw new PlatformError('invalid_params', `The snapshot of ${snapshot.name} is of ${snapshot.service}, not of ${service.manifest.id}.`)
  return {options: {...options, snapshot: snapshot.id}, credentials: withoutCertificate(snapshot.credentials)}
}

/** Fills the volume of an add-on whose server was never seen by anybody. What a kill left of an earlier try goes first. */
export async function seed({instances, snapshots, names, engine, home}: Parts, addon: AddonRecord, image: string): Promise<void> {
  const {snapshot} = addon.options
  if (snapshot === undefined) return
  await instances.remove(addon.id)
  const volume = names.addonVolume(addon.id)
  await engine.ensureVolume(volume, {[label.home]: home, [label.kind]: 'addon', [label.addon]: addon.id})
  await snapshots.fill(volume, snapshot, image)
}
