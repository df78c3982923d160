import semver from 'semver'
import type {ConfigVars} from '../../../schema/resources.js'
import {type PackageIndex, RejectedSource, type Source} from '../buildpack.js'
import {npmOf} from './node-releases.js'
import type {PackageJson} from './package-json.js'

export type ManagerName = 'npm' | 'yarn' | 'pnpm'

export interface PackageManager {
  name: ManagerName
  /** The version that is installed; for Yarn with a `yarnPath` the project's own takes over. */
  version: string
  /** Yarn 2 and later. */
  berry: boolean
  lockfile: string | undefined
  /** Why that version: lines below `Installing binaries`. */
  lines: string[]
}

const lockfiles: Record<string, ManagerName> = {
  'yarn.lock': 'yarn',
  'pnpm-lock.yaml': 'pnpm',
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
}

/** Chooses by lockfile, and refuses two of them as Heroku does; `packageManager` wins over `engines` for the version. */
export async function choosePackageManager(
  source: Source,
  manifest: PackageJson,
  node: string,
  packages: PackageIndex,
  configVars: ConfigVars,
): Promise<PackageManager> {
  const found = Object.keys(lockfiles).filter(file => source.has(file))
  if (found.length > 1) throw multipleLockfiles(found)
  const lockfile = found[0]
  const name = lockfile === undefined ? 'npm' : (lockfiles[lockfile] ?? 'npm')
  const pinned = pinnedVersion(manifest.packageManager, name)
  if (name === 'npm') return {...(await npm(manifest, node, packages)), name, berry: false, lockfile}
  if (name === 'pnpm') return {...(await pnpm(source, manifest, pinned, packages)), name, berry: false, lockfile}
  const yarn = await chooseYarn(source, manifest, pinned, packages)
  if (yarn.berry && configVars['YARN_PRODUCTION'] !== undefined)
    throw new RejectedSource([
      'YARN_PRODUCTION is not supported with Yarn 2 and later.',
      'Unset it (`config:unset YARN_PRODUCTION`), and set YARN2_SKIP_PRUNING=true to keep devDependencies.',
    ])
  return {...yarn, name, lockfile}
}

/** `pnpm@9.1.0+sha512.…` */
function pinnedVersion(packageManager: string | undefined, name: ManagerName): string | undefined {
  const match = /^([a-z]+)@([^+]+)/.exec(packageManager ?? '')
  return match?.[1] === name ? match[2] : undefined
}

async function npm(manifest: PackageJson, node: string, packages: PackageIndex) {
  const shipped = npmOf(semver.major(node))
  const wanted = manifest.engines['npm']
  if (wanted === undefined || semver.satisfies(shipped, wanted)) return {version: shipped, lines: [`Using default npm version: ${shipped}`]}
  const version = await newest('npm', wanted, packages)
  return {version, lines: [`Bootstrapping npm ${wanted} (replacing ${shipped})...`, `npm ${version} installed`]}
}

async function pnpm(source: Source, manifest: PackageJson, pinned: string | undefined, packages: PackageIndex) {
  const lock = /^lockfileVersion:\s*'?(\d+)/m.exec((await source.text('pnpm-lock.yaml')) ?? '')?.[1]
  // Lockfile 9 is what pnpm 9 and 10 write; older formats need their own major.
  const byLockfile: Record<string, string> = {'5': '7.x', '6': '8.x', '9': '10.x'}
  const wanted = pinned ?? manifest.engines['pnpm'] ?? byLockfile[lock ?? ''] ?? '10.x'
  const version = await newest('pnpm', wanted, packages)
  return {version, lines: [`Using pnpm ${version}${pinned === undefined ? '' : ' (packageManager)'}`]}
}

async function chooseYarn(source: Source, manifest: PackageJson, pinned: string | undefined, packages: PackageIndex) {
  const berry =
    /^__metadata:/m.test((await source.text('yarn.lock')) ?? '') ||
    (pinned !== undefined && semver.gte(semver.coerce(pinned) ?? '1.0.0', '2.0.0'))
  const wanted = pinned ?? manifest.engines['yarn'] ?? (berry ? '4.x' : '1.22.x')
  const version = await newest(berry ? '@yarnpkg/cli-dist' : 'yarn', wanted, packages)
  return {version, berry, lines: [`Using yarn ${version}${pinned === undefined ? '' : ' (packageManager)'}`]}
}

async function newest(name: string, wanted: string, packages: PackageIndex): Promise<string> {
  const versions = await packages.versions(name)
  const version = semver.maxSatisfying(versions, wanted)
  if (version !== null) return version
  const last = semver.rsort(versions.filter(candidate => semver.prerelease(candidate) === null)).slice(0, 5)
  throw new RejectedSource([`Could not find ${name} version corresponding to version requirement: ${wanted}`, `Newest: ${last.join(', ')}`])
}

function multipleLockfiles(found: string[]): RejectedSource {
  return new RejectedSource([
    'Error: Multiple lockfiles found.',
    '',
    'More than one package manager has created lockfiles for this application:',
    ...found.map(file => `  - ${file}`),
    '',
    'Only one package manager can be used to install dependencies. Delete the lockfiles of the others and commit that:',
    ...found.map(file => `  $ git rm ${file}`),
    '',
    'https://help.heroku.com/0KU2EM53',
  ])
}
