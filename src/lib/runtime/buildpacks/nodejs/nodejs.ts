import semver from 'semver'
import {parseProcfile} from '../../../schema/procfile.js'
import type {ConfigVars, ProcessTypes} from '../../../schema/resources.js'
import {aliasesOf} from '../aliases.js'
import {
  type BuildEnv,
  type BuildPlan,
  type Buildpack,
  type BuildStep,
  type Dependencies,
  RejectedSource,
  type Source,
} from '../buildpack.js'
import {rootNames} from '../root-names.js'
import {dependencyFiles, namedVars, plugAndPlay, pnpmWorkspace} from './layout.js'
import {npmOf} from './node-releases.js'
import {resolveNodeVersion} from './node-version.js'
import {type PackageJson, readPackageJson} from './package-json.js'
import {choosePackageManager, type PackageManager} from './package-manager.js'
import {nodejsProfile} from './profile.js'
import {pruning} from './pruning.js'
import {cacheEnv, installStep, type StepContext, scriptStep} from './steps.js'
import {nodeHeaders, nodeHome, nodeToolchain, path} from './toolchain.js'

/** heroku/nodejs, as bin/detect, bin/compile and bin/release of that buildpack behave. */
export const nodejs: Buildpack = {
  name: 'heroku/nodejs',
  aliases: aliasesOf('heroku/nodejs', 'heroku-buildpack-nodejs'),
  async detect(source) {
    return source.has('package.json') ? 'Node.js' : undefined
  },
  async rejection(source) {
    return [
      'Error: Application not supported by `heroku/nodejs` buildpack.',
      '',
      'The `heroku/nodejs` buildpack is set on this application, but no `package.json`',
      'was found at the root of the source. If it is in a subfolder, deploy that folder;',
      'if it is listed in .slugignore, remove it there.',
      '',
      'The root of the source holds:',
      ...rootNames(source).map(name => `  ${name}`),
    ]
  },
  compile,
  consolation: [
    "We're sorry this build is failing! You can troubleshoot common issues here:",
    'https://devcenter.heroku.com/articles/troubleshooting-node-deploys',
  ],
  async release(source) {
    const procfile = parseProcfile((await source.text('Procfile')) ?? '')
    // bin/release leaves the default out for MCP servers, which answer on stdin.
    const mcp = Object.keys(procfile.processTypes).some(type => type.startsWith('mcp'))
    const defaultProcessTypes: ProcessTypes = mcp ? {} : {web: 'npm start'}
    return {defaultProcessTypes}
  },
}

async function compile(source: Source, env: BuildEnv): Promise<BuildPlan> {
  const {configVars} = env
  const manifest = await readPackageJson(source)
  if (manifest.engines['iojs'] !== undefined) throw noIojs(manifest.engines['iojs'])
  const available = await env.packages.versions(`node-linux-${env.architecture}`)
  const node = resolveNodeVersion(manifest.engines['node'], available, env.now, configVars['NODEJS_ALLOW_WIDE_RANGE'] === 'true')
  const manager = await choosePackageManager(source, manifest, node.version, env.packages, configVars)
  const files = await dependencyFiles(source, manifest, manager)
  const context: StepContext = {
    manifest,
    manager,
    configVars,
    installVars: files === undefined ? ['*'] : ['NPM_*', 'npm_*', 'NODE_*', 'YARN_*', 'PNPM_*', ...(await namedVars(source))],
    checkedIn: source.hasFolder('node_modules') && manager.name === 'npm',
    plugAndPlay: await plugAndPlay(source, manager),
    workspace: await pnpmWorkspace(source, manager),
  }
  const {skipped} = pruning(context)
  const npm = manager.name === 'npm' ? manager.version : npmOf(Number(node.version.split('.')[0]))
  return {
    buildpack: 'heroku/nodejs',
    language: 'Node.js',
    toolchains: [nodeToolchain(node.version, manager, npm, env.architecture)],
    path,
    env: {
      ...defaults,
      NODE_OPTIONS: '--max_old_space_size=2560',
      ...cacheEnv(context),
      NODE_HOME: nodeHome,
      npm_config_nodedir: nodeHeaders,
    },
    decisions: decisions(manifest, manager, node.version, configVars),
    ...trusting(node.version, arranged(context, files)),
    closing: [
      ...(skipped === undefined ? [] : [{heading: 'Pruning devDependencies', lines: [skipped]}]),
      {heading: 'Build succeeded!', lines: []},
    ],
    files: {'.profile.d/nodejs.sh': nodejsProfile},
    warnings: [...node.warnings, ...lockfileNotice(manager), ...startNotice(source, manifest)],
  }
}

interface Arranged {
  dependencies: Dependencies | undefined
  build: BuildStep[]
}

/** Node.js before 7.3 takes no certificates from its environment: npm and Yarn 1 of that time are told themselves. */
function trusting(node: string, {dependencies, build}: Arranged): Arranged {
  if (semver.gte(node, '7.3.0')) return {dependencies, build}
  const told = 'if [ -n "$NODE_EXTRA_CA_CERTS" ]; then export npm_config_cafile=$NODE_EXTRA_CA_CERTS; fi'
  const step = (one: BuildStep): BuildStep => ({...one, run: [told, ...one.run]})
  const made = dependencies && {...dependencies, install: step(dependencies.install), prune: dependencies.prune && step(dependencies.prune)}
  return {dependencies: made, build: build.map(step)}
}

const defaults = {NPM_CONFIG_LOGLEVEL: 'error', NODE_VERBOSE: 'false', NODE_ENV: 'production', NODE_MODULES_CACHE: 'true'}

/** With `files`, dependencies are a layer of their own; without, Heroku's sequence runs over the whole source. */
function arranged(context: StepContext, files: string[] | undefined): Arranged {
  const scripts = context.manifest.scripts
  const script = ['heroku-postbuild', 'build'].find(name => scripts[name] !== undefined)
  const build = script === undefined ? [] : [scriptStep(context, script, 'Build')]
  const {step: prune} = pruning(context)
  if (files !== undefined) {
    // Nothing here could use devDependencies: leaving them out is what pruning them would give.
    const lean = prune !== undefined && build.length === 0 && !context.manager.berry
    const install = installStep(context, lean ? 'production' : 'with-dev')
    return {dependencies: {files, folders: ['node_modules'], install, prune: lean ? undefined : prune}, build}
  }
  const prebuild = scripts['heroku-prebuild'] === undefined ? [] : [scriptStep(context, 'heroku-prebuild', 'Prebuild')]
  const cleanup = scripts['heroku-cleanup'] === undefined ? [] : [scriptStep(context, 'heroku-cleanup', 'Cleanup')]
  const steps = [...prebuild, installStep(context, 'with-dev'), ...build, ...(prune === undefined ? [] : [prune]), ...cleanup]
  return {dependencies: undefined, build: steps}
}

function decisions(manifest: PackageJson, manager: PackageManager, node: string, configVars: ConfigVars): BuildPlan['decisions'] {
  const engine = (name: string, other: string): string =>
    `engines.${name} (package.json):   ${manifest.engines[name] ?? `unspecified${other}`}`
  const environment = Object.entries(defaults).map(([name, value]) => `${name}=${configVars[name] ?? value}`)
  return [
    {heading: 'Creating runtime environment', lines: ['', ...environment, '']},
    {
      heading: 'Installing binaries',
      lines: [
        engine('node', ''),
        engine(manager.name, manager.name === 'npm' ? ' (use default)' : ''),
        '',
        `Resolving node version ${manifest.engines['node'] ?? '(active LTS)'}...`,
        `Using node ${node}`,
        ...manager.lines,
        '',
      ],
    },
  ]
}

function lockfileNotice({name, version, lockfile}: PackageManager): string[] {
  if (name !== 'npm' || lockfile !== 'package-lock.json' || Number(version.split('.')[0]) >= 5) return []
  return [`This version of npm (${version}) does not support package-lock.json. Please update your npm version in package.json.`]
}

function startNotice(source: Source, manifest: PackageJson): string[] {
  if (source.has('Procfile') || manifest.scripts['start'] !== undefined || source.has('server.js')) return []
  return [
    'This app may not specify any way to start a node process',
    'https://devcenter.heroku.com/articles/nodejs-support#default-web-process-type',
  ]
}

function noIojs(wanted: string): RejectedSource {
  return new RejectedSource([
    'Error: io.js is no longer supported.',
    '',
    `package.json asks for io.js ${wanted} (engines.iojs). io.js merged back into Node.js in 2015.`,
    'Remove that entry, and name a version of Node.js as engines.node if the app needs one.',
  ])
}
