import {createHash} from 'node:crypto'
import {defaultDynoSize, findDynoSize} from '../../schema/dyno-sizes.js'
import type {HealthCheck} from '../../schema/health-checks.js'
import type {WantedApp} from './dyno-manager.js'
import {launchOf} from './launch.js'

/** A formation dyno that should run. */
export interface DesiredDyno {
  name: string
  type: string
  size: string
  command: string
  version: number
  checks: HealthCheck[]
  /** The same hash means the same dyno: nothing to do. */
  want: string
}

/** The dynos an app should have: for each process type of its slug, `type.1` to `type.n`. None without a slug. */
export function desiredDynos(wanted: WantedApp): DesiredDyno[] {
  const {slug, release, formation} = wanted
  if (slug === undefined) return []
  return formation.flatMap(({type, quantity, size: sizeName}) => {
    const command = slug.processTypes[type]
    if (command === undefined || type === 'release') return []
    const size = findDynoSize(sizeName)?.name ?? defaultDynoSize
    const {image} = launchOf(slug, {type, command})
    // A process type may have any name, `constructor` too.
    const checks = Object.hasOwn(slug.healthChecks ?? {}, type) ? (slug.healthChecks?.[type] ?? []) : []
    const want = hash({release: release.id, image, config: Object.entries(release.config).sort(), command, size})
    return Array.from({length: quantity}, (_, index) => ({
      name: `${type}.${index + 1}`,
      type,
      size,
      command,
      version: release.version,
      checks,
      want,
    }))
  })
}

/** Any release restarts the dynos (heroku-platform.md 1.4), so its id is part of what makes two dynos the same. */
function hash(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
