import semver from 'semver'
import type {ConfigVars} from '../../../schema/resources.js'
import type {BuildStep} from '../buildpack.js'
import {installScripts} from './layout.js'
import type {PackageManager} from './package-manager.js'
import {cachesOf, managerEnv, type StepContext} from './steps.js'

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
  const alone = manifest.workspaces === undefined && context.workspace === undefined
  if (Object.keys(manifest.devDependencies).length === 0 && alone) return {step: undefined, skipped: undefined}
  const unable = cannotPrune(context)
  if (unable !== undefined) return {step: undefined, skipped: `Skipping because ${unable}`}
  const step: BuildStep = {
    name: 'prune',
    heading: 'Pruning devDependencies',
    introduction: [],
    run: pruneCommands(context),
    env: managerEnv,
    caches: cachesOf(context),
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

/** npm releases whose `npm prune` fails or removes too much: https://github.com/npm/npm/issues/17781 and 19356. */
const brokenPrune = ['5.1.0', '5.2.0', '5.3.0', '5.4.1', '5.4.2', '5.5.0', '5.5.1', '5.6.0']

/** Heroku's reasons to leave devDependencies in. */
function cannotPrune({manager, manifest, workspace}: StepContext): string | undefined {
  if (manager.berry && semver.lt(manager.version, '4.0.0')) return 'Yarn 2 and 3 cannot prune without the workspace-tools plugin'
  if (manager.name === 'npm' && brokenPrune.includes(manager.version))
    return `npm ${manager.version} sometimes fails when running 'npm prune' due to a known issue; npm 5.7.1 and later do not`
  if (manager.name !== 'pnpm') return undefined
  if (workspace !== undefined && workspace.withScripts.length > 0)
    return `pnpm would run the install scripts of these packages again: ${workspace.withScripts.join(', ')}`
  if (workspace === undefined && !ignoresScripts(manager) && installScripts.some(script => manifest.scripts[script] !== undefined))
    return `pnpm ${manager.version} would run the app's install scripts again; pnpm 8.15.6 and later do not`
  return undefined
}

/** `pnpm prune --ignore-scripts` */
function ignoresScripts(manager: PackageManager): boolean {
  return semver.gte(manager.version, '8.15.6')
}

function pruneCommands(context: StepContext): string[] {
  const {manager, workspace} = context
  if (manager.berry) return ['yarn workspaces focus --all --production']
  if (manager.name === 'yarn') return ['yarn install --production --frozen-lockfile --ignore-engines --ignore-scripts --prefer-offline']
  if (manager.name === 'npm') return [semver.lt(manager.version, '7.0.0') ? 'npm prune --production' : 'npm prune --omit=dev']
  if (workspace === undefined) return [`pnpm prune --prod${ignoresScripts(manager) ? ' --ignore-scripts' : ''}`]
  // `pnpm prune` looks at the root package only: the others' dependencies are installed anew.
  return ['find . -name node_modules -type d -prune -exec rm -rf {} +', 'pnpm install --prod --frozen-lockfile']
}
