import semver from 'semver'
import {type Clients, RejectedSource} from '../buildpack.js'
import {listPackages, suiteFunctions} from '../debian-suites.js'
import {toRange} from './constraint.js'

/** A PHP of one of Debian's suites. */
export interface Php {
  /** `8.4` */
  line: string
  /** `8.4.28` */
  version: string
  suite: string
  /** It is the stack's own suite. */
  own: boolean
}

export interface PhpVersion {
  php: Php
  /** Its patch release is not within what is required: Composer has to be told. */
  substituted: boolean
  warnings: string[]
}

/** Older suites whose PHP runs on the stack. */
const otherSuites = ['bookworm', 'bullseye']
const names = 'php7.{0..4}-cli php8.{0..9}-cli php9.{0..9}-cli'

/** The newest PHP within all constraints, else the one of a line that they allow. Throws RejectedSource, with what there is. */
export async function resolvePhp(constraints: string[], clients: Clients): Promise<PhpVersion> {
  const ranges = constraints.map(text => ({text, range: toRange(text)}))
  const wanted = ranges.flatMap(({range}) => (range === undefined ? [] : [range]))
  const own = newest(await clients.ask({id: 'phps', run: [...suiteFunctions, ...listPackages('$own', names)]}), true)
  const unreadable = ranges
    .filter(({range}) => range === undefined)
    .map(({text}) => `Ignoring PHP version constraint that cannot be read: ${text}`)
  const first = fitting(own, wanted)
  if (first !== undefined) return {php: first, substituted: false, warnings: unreadable}
  const others = await clients.ask({
    id: 'phps-elsewhere',
    run: [...suiteFunctions, ...otherSuites.flatMap(suite => listPackages(suite, names))],
  })
  const all = [...own, ...newest(others, false)].sort((a, b) => semver.rcompare(a.version, b.version))
  const exact = fitting(all, wanted)
  const php = exact ?? all.find(({line}) => wanted.every(range => semver.intersects(range, `${line}.x`, {loose: true})))
  if (php === undefined) throw unavailable(constraints, all)
  const nearest = `PHP ${constraints.join(' ')} cannot be had here; ${php.version}, the newest of its line, was used, and Composer told to accept it.`
  return {
    php,
    substituted: exact === undefined,
    warnings: [...unreadable, ...(exact === undefined ? [nearest] : []), ...(php.own ? [] : oldLine(php))],
  }
}

function fitting(phps: Php[], ranges: string[]): Php | undefined {
  return phps.find(({version}) => ranges.every(range => semver.satisfies(version, range, {loose: true})))
}

/** `trixie php8.4-cli 8.4.28-1~deb13u1`: the newest of each line, security updates too. */
function newest(lines: string[], own: boolean): Php[] {
  const found = new Map<string, Php>()
  for (const text of lines) {
    const [, suite = '', line = '', version] = /^(\S+) php([\d.]+)-cli (\d+\.\d+\.\d+)/.exec(text.trim()) ?? []
    const known = found.get(line)
    if (version === undefined || (known !== undefined && semver.gte(known.version, version))) continue
    found.set(line, {line, version, suite, own})
  }
  return [...found.values()]
}

function oldLine({line}: Php): string[] {
  return [`PHP ${line} is not the newest that can be had; it gets the security updates of an older Debian, as long as there are any.`]
}

function unavailable(constraints: string[], phps: Php[]): RejectedSource {
  return new RejectedSource([
    'Failed to install system packages!',
    '',
    'Your platform requirements (for runtimes and extensions) could',
    'not be resolved to an installable set of dependencies.',
    '',
    `Required of PHP, by the app and its packages: ${constraints.join(' and ')}`,
    '',
    'For reference, the following runtimes are currently available:',
    '',
    `PHP: ${phps.map(({version}) => version).join(', ')}`,
    '',
    'Please verify that all requirements for runtime versions in',
    "'composer.lock' are compatible with the list above.",
  ])
}
