import type {Source} from '../buildpack.js'
import {type PackageJson, readPackageJson} from './package-json.js'
import type {PackageManager} from './package-manager.js'

/** Scripts of the root package that an install runs, or that Heroku runs around it: they may need any file. */
export const installScripts = [
  'preinstall',
  'install',
  'postinstall',
  'prepublish',
  'preprepare',
  'prepare',
  'postprepare',
  'pnpm:devPreinstall',
]
const aroundInstall = ['heroku-prebuild', 'heroku-cleanup']

const manifestFiles =
  /^(package\.json|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|pnpm-workspace\.yaml|\.pnpmfile\.c?js)$/
const settings =
  /^(\.npmrc|\.yarnrc|\.yarnrc\.yml|\.yarn\/(releases|plugins|patches|cache|versions)\/.*|\.pnp\.c?js|\.node-version|\.nvmrc)$/

/** The files that decide what an install makes; undefined when it may need the rest of the source too. */
export async function dependencyFiles(source: Source, manifest: PackageJson, manager: PackageManager): Promise<string[] | undefined> {
  if ([...installScripts, ...aroundInstall].some(script => manifest.scripts[script] !== undefined)) return undefined
  if (source.has('binding.gyp') || source.hasFolder('node_modules') || manifest.workspaces !== undefined) return undefined
  if (local(manifest) || (await foreign(source, manager))) return undefined
  return source.paths.filter(path => manifestFiles.test(path) || settings.test(path))
}

function local(manifest: PackageJson): boolean {
  const wanted = [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies].flatMap(Object.values)
  return wanted.some(range => /^(file|link|portal|patch|workspace|exec):|^\.{0,2}\//.test(range))
}

/** pnpm's workspaces and patches, Yarn's Plug'n'Play: their installs leave more behind than one node_modules. */
async function foreign(source: Source, manager: PackageManager): Promise<boolean> {
  if (manager.name === 'pnpm')
    return /^(packages|patchedDependencies):/m.test((await source.text('pnpm-workspace.yaml')) ?? '') || source.hasFolder('patches')
  return plugAndPlay(source, manager)
}

/** pnpm's workspace, if it is one: since pnpm 10.5 its file may hold settings alone. */
export async function pnpmWorkspace(source: Source, manager: PackageManager): Promise<{withScripts: string[]} | undefined> {
  if (manager.name !== 'pnpm' || !/^packages:/m.test((await source.text('pnpm-workspace.yaml')) ?? '')) return undefined
  const manifests = source.paths.filter(path => /(^|\/)package\.json$/.test(path) && !path.includes('node_modules/'))
  const withScripts: string[] = []
  for (const path of manifests) {
    const scripts = await scriptsOf(source, path)
    if (installScripts.some(script => scripts[script] !== undefined)) withScripts.push(path.replace(/\/?package\.json$/, '') || '.')
  }
  return {withScripts}
}

/** Not every package.json of a repository is a package of the workspace: fixtures may be broken on purpose. */
async function scriptsOf(source: Source, path: string): Promise<PackageJson['scripts']> {
  return readPackageJson(source, path).then(
    ({scripts}) => scripts,
    () => ({}),
  )
}

export async function plugAndPlay(source: Source, manager: PackageManager): Promise<boolean> {
  return manager.berry && !/^nodeLinker:\s*["']?node-modules/m.test((await source.text('.yarnrc.yml')) ?? '')
}

/** Config vars that settings files name, `${NPM_TOKEN}`: an install depends on them whatever they are called. */
export async function namedVars(source: Source): Promise<string[]> {
  const texts = await Promise.all(['.npmrc', '.yarnrc', '.yarnrc.yml'].map(file => source.text(file)))
  const names = texts.flatMap(text => [...(text ?? '').matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)/g)].map(match => match[1] ?? ''))
  return [...new Set(names)]
}
