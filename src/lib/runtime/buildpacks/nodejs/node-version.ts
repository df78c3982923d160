import semver from 'semver'
import {RejectedSource} from '../buildpack.js'
import {activeLts, endOfLife} from './node-releases.js'

export interface NodeVersion {
  version: string
  warnings: string[]
}

/**
 * The version for `engines.node`. None: the newest of the active LTS line. A range over several lines is capped at the active LTS.
 * A version the registry lacks becomes the nearest of its major line, with a warning. Throws RejectedSource, with what there is.
 */
export function resolveNodeVersion(wanted: string | undefined, available: string[], now: Date, allowWide = false): NodeVersion {
  const lts = activeLts(now)
  const range = semver.validRange(wanted ?? `${lts}.x`, {loose: true})
  if (range === null) throw unsatisfiable(wanted ?? '', available)
  const fitting = semver.rsort(available.filter(version => semver.satisfies(version, range, {loose: true})))
  const capped = fitting.filter(version => semver.major(version) <= lts)
  const wide = new Set(fitting.map(version => semver.major(version))).size > 1
  const version = (wide && !allowWide && capped.length > 0 ? capped : fitting)[0] ?? nearest(range, available)
  if (version === undefined) throw unsatisfiable(wanted ?? '', available)
  return {version, warnings: warnings({wanted, range, version, substituted: fitting.length === 0, wide: wide && !allowWide, now})}
}

function nearest(range: string, available: string[]): string | undefined {
  const asked = semver.minVersion(range)
  if (asked === null) return undefined
  const same = semver.sort(available.filter(version => semver.major(version) === asked.major))
  return same.find(version => semver.gte(version, asked)) ?? same.at(-1)
}

interface Choice {
  wanted: string | undefined
  range: string
  version: string
  substituted: boolean
  wide: boolean
  now: Date
}

function warnings({wanted, version, substituted, wide, now}: Choice): string[] {
  const major = semver.major(version)
  return [
    ...(wanted === undefined ? ['Node version not specified in package.json', `Pin it: "engines": {"node": "${major}.x"}`] : []),
    ...(substituted ? [`Node.js ${wanted} cannot be had here; the nearest of its line, ${version}, was used.`] : []),
    ...(wide && wanted !== undefined
      ? [`Dangerous semver range in engines.node: "${wanted}" spans several lines; capped at the active LTS, ${major}.x.`]
      : []),
    ...(endOfLife(major, now) ? [`Node.js ${major === 0 ? version : major} has reached its end of life and gets no security fixes.`] : []),
  ]
}

function unsatisfiable(wanted: string, available: string[]): RejectedSource {
  const lines = new Map<number, string>()
  for (const version of semver.sort([...available])) if (semver.major(version) >= 14) lines.set(semver.major(version), version)
  return new RejectedSource([
    `Could not find Node version corresponding to version requirement: ${wanted}`,
    '',
    'The newest of each line that can be had:',
    ...[...lines.values()].map(version => `  ${version}`),
  ])
}
