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
}

export function scriptStep(context: StepContext, script: string, heading: string): BuildStep {
  const flags = script === 'heroku-prebuild' || script === 'heroku-cleanup' ? '' : flagsOf(context)
  return {
    name: script,
    heading,
    introduction: [`Running ${script}${context.manager.name === 'npm' ? '' : ` (${context.manager.name})`}`],
    run: [`${context.manager.name} run ${script}${flags}`],
    env: {},
    caches: [],
    configVars: ['*'],
  }
}

function flagsOf({configVars, manager}: StepContext): string {
  if (!configVars['NODE_BUILD_FLAGS']) return ''
  return manager.name === 'npm' ? ' -- $NODE_BUILD_FLAGS' : ' $NODE_BUILD_FLAGS'
}

/** `dev`: whether devDependencies are wanted; they are unless nothing in this build could use them. */
export function installStep(context: StepContext, dev: 'with-dev' | 'production'): BuildStep {
  const {manager, configVars} = context
  const [what, run] = installCommand(context, dev)
  return {
    name: 'install',
    heading: 'Installing dependencies',
    introduction: [what],
    run,
    env: manager.name === 'npm' && semver.lt(manager.version, '7.0.0') ? {NPM_CONFIG_PRODUCTION: String(dev === 'production')} : {},
    caches: configVars['NODE_MODULES_CACHE'] === 'false' || context.plugAndPlay ? [] : [cacheOf(manager)],
    configVars: context.installVars,
  }
}

function installCommand(context: StepContext, dev: 'with-dev' | 'production'): [string, string[]] {
  const {manager, checkedIn, configVars} = context
  const production = dev === 'production'
  if (manager.name === 'yarn' && manager.berry) return ["Running 'yarn install' with yarn.lock", ['yarn install --immutable']]
  if (manager.name === 'yarn')
    return ['Installing node modules (yarn.lock)', [`yarn install --production=${production} --frozen-lockfile --ignore-engines`]]
  if (manager.name === 'pnpm')
    return ["Running 'pnpm install' with pnpm-lock.yaml", [`pnpm install --prod${production ? '' : '=false'} --frozen-lockfile`]]
  const which = semver.lt(manager.version, '7.0.0') ? '' : production ? ' --omit=dev' : ' --include=dev'
  const install = `npm install${which}`
  if (checkedIn) return ['Rebuilding any native modules, installing any new modules', ['npm rebuild', install]]
  if (manager.lockfile === undefined) return ['Installing node modules (package.json)', [install]]
  const from = `Installing node modules (package.json + ${manager.lockfile.replace('.json', '')})`
  return [from, [configVars['USE_NPM_INSTALL'] === 'true' ? install : `npm ci${which}`]]
}

const cacheRoot = '/tmp/build-cache'

function cacheOf(manager: PackageManager): Cache {
  return {id: `hokku-${manager.name}${manager.berry ? '-berry' : ''}`, target: `${cacheRoot}/${manager.name}`}
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

export interface Pruning {
  step: BuildStep | undefined
  /** Heroku's `Skipping because …`, printed when there is something to skip. */
  skipped: string | undefined
}

/** Whether devDependencies are pruned, and how; the rules of heroku/nodejs. */
export function pruning(context: StepContext): Pruning {
  const {manager, configVars, manifest} = context
  const nodeEnv = configVars['NODE_ENV'] ?? 'production'
  const keep = skipVar(manager)
  if (nodeEnv !== 'production') return {step: undefined, skipped: `Skipping because NODE_ENV is not 'production'`}
  if (keep !== undefined && keepsDev(keep, configVars))
    return {step: undefined, skipped: `Skipping because ${keep} is '${configVars[keep]}'`}
  if (Object.keys(manifest.devDependencies).length === 0 && manifest.workspaces === undefined) return {step: undefined, skipped: undefined}
  if (manager.berry && semver.lt(manager.version, '4.0.0'))
    return {step: undefined, skipped: 'Skipping because Yarn 2 and 3 cannot prune without the workspace-tools plugin'}
  const step: BuildStep = {
    name: 'prune',
    heading: 'Pruning devDependencies',
    introduction: [],
    run: [pruneCommand(context)],
    env: {},
    caches: configVars['NODE_MODULES_CACHE'] === 'false' || context.plugAndPlay ? [] : [cacheOf(manager)],
    configVars: context.installVars,
  }
  return {step, skipped: undefined}
}

function skipVar(manager: PackageManager): string {
  if (manager.name === 'npm') return 'NPM_CONFIG_PRODUCTION'
  if (manager.name === 'pnpm') return 'PNPM_SKIP_PRUNING'
  return manager.berry ? 'YARN2_SKIP_PRUNING' : 'YARN_PRODUCTION'
}

/** NPM_CONFIG_PRODUCTION and YARN_PRODUCTION skip by being set at all, whatever they say; the other two must say true. */
function keepsDev(name: string, configVars: ConfigVars): boolean {
  return name.endsWith('_PRUNING') ? configVars[name] === 'true' : configVars[name] !== undefined
}

function pruneCommand({manager, manifest}: StepContext): string {
  if (manager.berry) return 'yarn workspaces focus --all --production'
  if (manager.name === 'yarn') return 'yarn install --production --frozen-lockfile --ignore-engines --ignore-scripts --prefer-offline'
  if (manager.name === 'pnpm')
    return manifest.workspaces === undefined
      ? 'pnpm prune --prod --ignore-scripts'
      : 'pnpm install --prod --frozen-lockfile --ignore-scripts'
  return semver.lt(manager.version, '7.0.0') ? 'npm prune --production' : 'npm prune --omit=dev'
}
