import semver from 'semver'
import type {ConfigVars} from '../../../schema/resources.js'
import type {BuildStep, Cache} from '../buildpack.js'
import type {PackageJson} from './package-json.js'
import type {ManagerName, PackageManager} from './package-manager.js'

export interface StepContext {
  manifest: PackageJson
  manager: PackageManager
  configVars: ConfigVars
  /** Patterns of the config vars that an install may depend on; `*` when it sees the whole source. */
  installVars: string[]
  checkedIn: boolean
  /** Yarn 2 and later without node_modules. */
  plugAndPlay: boolean
  /** pnpm's workspace, and the folders of its packages whose own scripts an install runs. */
  workspace: {withScripts: string[]} | undefined
}

export function scriptStep(context: StepContext, script: string, heading: string): BuildStep {
  const flags = script === 'heroku-prebuild' || script === 'heroku-cleanup' ? '' : flagsOf(context)
  return {
    name: script,
    heading,
    introduction: [`Running ${script}${context.manager.name === 'npm' ? '' : ` (${context.manager.name})`}`],
    run: [`${context.manager.name} run ${script}${flags}`],
    env: {},
    caches: scriptCaches(context),
    configVars: ['*'],
  }
}

/** Scripts install too (`cd client && npm install`), and `npx` is npm's whatever manages the app. */
function scriptCaches(context: StepContext): Cache[] {
  const npm: PackageManager = {...context.manager, name: 'npm', berry: false}
  return context.manager.name === 'npm' ? cachesOf(context) : [...cachesOf(context), ...cachesOf({...context, manager: npm})]
}

function flagsOf({configVars, manager}: StepContext): string {
  if (!configVars['NODE_BUILD_FLAGS']) return ''
  return manager.name === 'npm' ? ' -- $NODE_BUILD_FLAGS' : ' $NODE_BUILD_FLAGS'
}

/**
 * npm and pnpm keep what Node compiles of them, for their next start. A step's container has none: that costs more than it gives, some
 * 0.4 s of CPU for each `npm ci`.
 */
export const managerEnv = {NODE_DISABLE_COMPILE_CACHE: '1'}

/** `dev`: whether devDependencies are wanted; they are unless nothing in this build could use them. */
export function installStep(context: StepContext, dev: 'with-dev' | 'production'): BuildStep {
  const {manager} = context
  const [what, run] = installCommand(context, dev)
  return {
    name: 'install',
    heading: 'Installing dependencies',
    introduction: [what],
    run,
    env: {
      ...managerEnv,
      ...(manager.name === 'npm' && semver.lt(manager.version, '7.0.0') && {NPM_CONFIG_PRODUCTION: String(dev === 'production')}),
    },
    caches: cachesOf(context),
    configVars: context.installVars,
  }
}

function installCommand(context: StepContext, dev: 'with-dev' | 'production'): [string, string[]] {
  const {manager, checkedIn, configVars} = context
  const production = dev === 'production'
  if (manager.name === 'yarn' && manager.berry) return ["Running 'yarn install' with yarn.lock", ['yarn install --immutable']]
  if (manager.name === 'yarn')
    return [
      'Installing node modules (yarn.lock)',
      [`yarn install --production=${production} --frozen-lockfile --ignore-engines --prefer-offline`],
    ]
  if (manager.name === 'pnpm')
    return ["Running 'pnpm install' with pnpm-lock.yaml", [`pnpm install --prod${production ? '' : '=false'} --frozen-lockfile`]]
  const which = semver.lt(manager.version, '7.0.0') ? '' : production ? ' --omit=dev' : ' --include=dev'
  const install = `npm install${which}`
  if (checkedIn) return ['Rebuilding any native modules, installing any new modules', ['npm rebuild', install]]
  if (manager.lockfile === undefined) return ['Installing node modules (package.json)', [install]]
  const from = `Installing node modules (package.json + ${manager.lockfile.replace('.json', '')})`
  // Heroku's rule: `npm ci` came with 5.7, and the buildpack trusts it from 6 on.
  const exact = semver.gte(manager.version, '6.0.0') && configVars['USE_NPM_INSTALL'] !== 'true'
  return [from, [exact ? `npm ci${which}` : install]]
}

const cacheRoot = '/tmp/build-cache'

/**
 * What the manager downloads, kept between builds unless NODE_MODULES_CACHE says no. Plug'n'Play's is part of the app. The app's own: Yarn
 * and pnpm take unpacked packages from there unchecked, npm what it knows of packages that no lockfile names, and npx runs what it finds.
 */
export function cachesOf({configVars, manager, plugAndPlay}: StepContext): Cache[] {
  if (configVars['NODE_MODULES_CACHE'] === 'false' || (plugAndPlay && manager.berry)) return []
  return [{id: `hokku-${manager.name}${manager.berry ? '-berry' : ''}`, target: `${cacheRoot}/${manager.name}`}]
}

/** Where npm, Yarn and pnpm keep what they download: outside of /app, so that none of it is in a slug. Plug'n'Play runs from its cache. */
export function cacheEnv({manager, plugAndPlay}: StepContext): Record<string, string> {
  const own: Record<ManagerName, Record<string, string>> = {
    npm: {},
    pnpm: {npm_config_store_dir: `${cacheRoot}/pnpm`},
    yarn: manager.berry ? {YARN_GLOBAL_FOLDER: `${cacheRoot}/yarn`} : {YARN_CACHE_FOLDER: `${cacheRoot}/yarn`},
  }
  const mine = plugAndPlay ? {YARN_ENABLE_GLOBAL_CACHE: 'false'} : own[manager.name]
  // Audits, funding and update notices cost requests and say nothing about this build.
  const quiet = {npm_config_audit: 'false', npm_config_fund: 'false', npm_config_update_notifier: 'false'}
  return {npm_config_cache: `${cacheRoot}/npm`, ...quiet, ...mine}
}
