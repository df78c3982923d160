import {fileURLToPath} from 'node:url'
import {type CatalogueService, ownServices} from '../../src/lib/runtime/addons/catalogue.js'

export const catalogueDirectory = fileURLToPath(new URL('../../addons', import.meta.url))

let services: CatalogueService[] | undefined

/** What is in there, read once: a platform starts in half the time that reading takes. Frozen, for all platforms share it. */
export function catalogueServices(): CatalogueService[] {
  services ??= frozen(ownServices(catalogueDirectory))
  return services
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}
