import {isDeepStrictEqual} from 'node:util'
import {PlatformError} from '../../../schema/errors.js'
import type {ConfigVars} from '../../../schema/resources.js'
import type {AddonRecord} from '../addons.js'
import type {CatalogueService} from '../catalogue.js'
import {known, oweUpdate, type Parts} from '../parts.js'

/** Throws invalid_params for config vars that the manifest does not name: apps could not know whose they are. */
export function configOf({manifest}: CatalogueService, config: unknown): ConfigVars {
  if (typeof config !== 'object' || config === null) return {}
  const {config_vars: names, config_vars_prefix: prefix} = manifest.api
  return Object.fromEntries(
    Object.entries(config).flatMap(([given, value]) => {
      const name = names.includes(given) ? given : `${prefix}_${given}`
      if (!names.includes(name))
        throw new PlatformError('invalid_params', `${manifest.id} set ${given}, which its manifest does not name in api/config_vars.`)
      return value === null || value === undefined ? [] : [[name, String(value)]]
    }),
  )
}

/**
 * Sets config vars that a partner names, and takes away those that are null. Apps that are owed a release for it: none when nothing is
 * another, or the add-on is not in use yet. Throws invalid_params, and conflict for an add-on that no partner serves.
 */
export function setConfig(parts: Parts, addon: AddonRecord, changes: unknown): string[] {
  const {service} = known(parts, addon)
  const nulled = typeof changes === 'object' ? Object.keys(changes ?? {}).map(name => [name, '']) : []
  return parts.rows.transaction(() => {
    const said = parts.partners.get(addon.id)
    if (said === undefined) throw new PlatformError('conflict', `${addon.name} is not served by a partner.`)
    const named = Object.keys(configOf(service, Object.fromEntries(nulled)))
    const kept = Object.entries(said.config).filter(([name]) => !named.includes(name))
    const config = {...Object.fromEntries(kept), ...configOf(service, changes)}
    if (isDeepStrictEqual(config, said.config)) return []
    parts.partners.put({...said, config})
    if (parts.rows.addon(addon.id)?.state !== 'provisioned') return []
    return oweUpdate(parts, addon)
  })
}
