import type {ConfigVars} from '../../../schema/resources.js'
import {type BuildEnv, RejectedSource} from '../buildpack.js'
import type {GoMod} from './go-mod.js'
import {goRelease, goReleases} from './toolchain.js'

/** What heroku/go takes for a go.mod that names no version. */
export const defaultGo = 'go1.25'

export interface GoVersion {
  /** `go1.25.14` */
  version: string
  warnings: string[]
}

/** What can be had: the module proxy's list, which leaves releases out, and whether one that it leaves out is there. */
export interface GoReleases {
  listed: string[]
  exists(version: string): Promise<boolean>
}

/** The releases for this machine. */
export async function releasesFor({architecture, clients}: Pick<BuildEnv, 'architecture' | 'clients'>): Promise<GoReleases> {
  const suffix = `.linux-${architecture === 'x64' ? 'amd64' : 'arm64'}`
  const all = await clients.ask(goReleases)
  return {
    listed: all.filter(name => name.endsWith(suffix)).map(name => name.slice(0, -suffix.length)),
    exists: async version => (await clients.ask(goRelease(`${version}${suffix}`))).length > 0,
  }
}

/** GOVERSION, else Heroku's comment in go.mod, else the go directive, else the default. */
export function requestedGo(mod: GoMod, configVars: ConfigVars): string {
  const named = configVars['GOVERSION'] || mod.herokuVersion || (mod.go && `go${mod.go}`) || defaultGo
  return /^\d/.test(named) ? `go${named}` : named
}

/**
 * The release for what was requested, or a newer one where go.mod's `go` or `toolchain` would make that release fetch it.
 * One that cannot be had becomes the nearest of its line, with a warning. Throws RejectedSource, with what there is.
 */
export async function resolveGo(requested: string, mod: GoMod, releases: GoReleases): Promise<GoVersion> {
  if (/^devel/.test(requested)) throw noDevelopmentVersions(requested)
  const asked = parse(requested)
  if (asked !== undefined && asked.minor < 11) throw beforeModules(requested)
  const first = await pick(requested, releases)
  // Since 1.21 the go command replaces itself by what go.mod asks for: better once for all than in every build.
  const asks = (parse(first.version)?.minor ?? 0) < 21 ? [] : [mod.go && `go${mod.go}`, mod.toolchain]
  const newest = asks.filter(name => name !== undefined && parse(name) !== undefined).reduce(newer, first.version)
  if (newest === undefined || newest === first.version) return first
  const raised = await pick(newest, releases)
  return {...raised, warnings: [...raised.warnings, `go.mod asks for ${newest}: ${raised.version} was used, not ${first.version}.`]}
}

async function pick(name: string, releases: GoReleases): Promise<GoVersion> {
  const asked = parse(name)
  if (asked === undefined) throw unsatisfiable(name, releases.listed)
  const line = releases.listed.filter(version => parse(version)?.minor === asked.minor).sort(compare)
  if (asked.patch === undefined && !asked.pre) {
    const last = line.findLast(version => !parse(version)?.pre) ?? line.at(-1)
    if (last === undefined) throw unsatisfiable(name, releases.listed)
    return {version: last, warnings: []}
  }
  // Until 1.20 the first release of a line has no third number.
  const exact = asked.patch === 0 && asked.minor < 21 && !asked.pre ? `go1.${asked.minor}` : name
  if (line.includes(exact) || (await releases.exists(exact))) return {version: exact, warnings: []}
  const near = line.find(version => compare(version, exact) > 0) ?? line.at(-1)
  if (near === undefined) throw unsatisfiable(name, releases.listed)
  return {version: near, warnings: [`${name} cannot be had here; the nearest of its line, ${near}, was used.`]}
}

interface Parts {
  minor: number
  patch: number | undefined
  /** A beta or release candidate. */
  pre: string
}

function parse(version: string): Parts | undefined {
  const [, minor, patch, pre = ''] = /^go1\.(\d{1,4})(?:\.(\d{1,4}))?((?:beta|rc)\d{1,4})?$/.exec(version) ?? []
  return minor === undefined ? undefined : {minor: Number(minor), patch: patch === undefined ? undefined : Number(patch), pre}
}

function compare(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)]
  if (left === undefined || right === undefined) return Number(right === undefined) - Number(left === undefined)
  const byNumbers = left.minor - right.minor || (left.patch ?? 0) - (right.patch ?? 0)
  // A release comes after its candidates.
  return byNumbers || Number(left.pre === '') - Number(right.pre === '') || left.pre.localeCompare(right.pre, 'en', {numeric: true})
}

function newer(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return compare(b, a) > 0 ? b : a
}

function noDevelopmentVersions(requested: string): RejectedSource {
  return new RejectedSource([
    `Error: The development version ${requested} of Go cannot be had here.`,
    '',
    'Heroku builds it from its source on GitHub; here Go comes from the module proxy,',
    'which has releases only. Ask for a release, or for a release candidate: go1.26rc1.',
  ])
}

function beforeModules(requested: string): RejectedSource {
  return new RejectedSource([
    `Error: You are using ${requested}, which does not support Go modules.`,
    '',
    'Go modules are supported by go1.11 and above.',
    '',
    'Please add/update the comment in your go.mod file to specify',
    'a Go version >= go1.11 like so:',
    `// +heroku goVersion ${defaultGo}`,
    '',
    'Then commit and push again.',
  ])
}

function unsatisfiable(requested: string, listed: string[]): RejectedSource {
  const lines = new Map<number, string>()
  for (const version of [...listed].sort(compare)) {
    const {minor = 0, pre} = parse(version) ?? {}
    if (minor >= 11 && pre === '') lines.set(minor, version)
  }
  return new RejectedSource([
    `Error: Go ${requested} cannot be had here.`,
    '',
    'The newest of each line that can be had:',
    ...[...lines.values()].map(version => `  ${version}`),
  ])
}
