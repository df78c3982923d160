import {PlatformError} from '../../schema/errors.js'
import type {AddonRecord} from './addons.js'
import {checkOffered} from './following.js'
import {hostPortFor} from './naming.js'
import type {Parts} from './parts.js'
import {poolHostPort} from './templates.js'

/**
 * Stores that a server is to have a pool; whether it must start again for it. Part of a transaction. Throws invalid_params for a plan
 * without, conflict for an add-on that is not provisioned.
 */
export function wantPool(parts: Parts, addon: AddonRecord): boolean {
  checkOffered(parts, addon, 'pooling')
  if (addon.state !== 'provisioned')
    throw new PlatformError('conflict', `${addon.name} is ${addon.state}. Try again when it is provisioned.`)
  if (poolHostPort(addon) !== undefined) return false
  givePoolPort(parts, addon)
  return true
}

/** Another port for programs on the host: dynos reach the pool by the port of the container. */
export function givePoolPort({rows, random, clock}: Parts, addon: AddonRecord): void {
  const options = {...addon.options, pool_port: String(hostPortFor(rows.hostPorts(), random))}
  rows.updateAddon(addon.id, {options}, clock.now())
}
