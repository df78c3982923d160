import {type FileHandle, open} from 'node:fs/promises'
import {join} from 'node:path'
import {type Engine, EngineError} from '../../engine/engine.js'
import {PlatformError} from '../../schema/errors.js'
import {RejectedSource} from '../buildpacks/buildpack.js'
import type {Clock} from '../support/clock.js'
import type {EngineNames} from '../support/names.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {Seal} from '../support/seal.js'
import type {Preparation} from '../support/shared-work.js'
import {type Chosen, chooseBuildpacks} from './choose-buildpacks.js'
import {defaultBuilder} from './cnb/builder.js'
import {createCnbCompiler} from './cnb/cnb-compiler.js'
import {BuildFailure, type CompiledSlug, type CompileRequest, type SlugCompiler} from './compile.js'
import {createContainerCompiler} from './container/container-compiler.js'
import {createLauncher} from './container/launcher.js'
import {fetchBuildpack} from './fetch-buildpack.js'
import {healthChecksOf} from './health-checks.js'
import {hostTrust} from './host-trust.js'
import {type BuildLimits, buildLimits} from './limits.js'
import {rejected} from './messages.js'
import {npmPackages, type Packages} from './npm-packages.js'
import {compilePhase} from './phases.js'
import {PreparationFailure} from './prepared-image.js'
import {applySlugignore} from './slugignore.js'
import {type TarSource, tarSource} from './source.js'
import {createStacks, type Stacks} from './stacks.js'
import {indexTar} from './tar-index.js'
import {createToolchains, type Toolchains} from './toolchains.js'

export interface SlugCompilerDeps {
  engine: Engine
  clock: Clock
  log: RuntimeLog
  names: EngineNames
  seal: Seal
  home: {root: string}
  /** Root of the package: `stacks/` is in it. */
  root: string
  /** Where the host's proxies and certificates are read; default the process's. */
  env?: NodeJS.ProcessEnv
  /** Default: the npm registry through the host's npm. */
  packages?: Packages
  /** Default: as `env` says. */
  limits?: BuildLimits
}

/** Compiles with the buildpacks of `buildpacks/index.ts`. Everything in the engine's images and in the cache directory is shared by all apps. */
export function createSlugCompiler(deps: SlugCompilerDeps): SlugCompiler {
  const env = deps.env ?? process.env
  const packages = deps.packages ?? npmPackages({directory: join(deps.home.root, 'cache', 'npm'), clock: deps.clock, env})
  const limits = deps.limits ?? buildLimits(env)
  const shared = hostTrust(env).then(trust => ({
    trust,
    stacks: createStacks({...deps, directory: join(deps.root, 'stacks'), proxies: trust.proxies}),
    toolchains: createToolchains({...deps, packages, trust}),
    answers: join(deps.home.root, 'cache', 'answers'),
    images: {
      ...deps,
      limits,
      trust,
      launcher: createLauncher({...deps, directory: join(deps.root, 'stacks'), proxies: trust.proxies}),
      builder: env['HOKKU_CNB_BUILDER'] || defaultBuilder,
    },
  }))
  let preparing: (() => Preparation[]) | undefined
  void shared.then(({stacks, toolchains}) => {
    preparing = () => [...stacks.preparing(), ...toolchains.preparing()]
  })
  return {
    async compile(request) {
      if (request.stack === 'container') return await createContainerCompiler((await shared).images).compile(request)
      if (request.stack === 'cnb') return await createCnbCompiler((await shared).images).compile(request)
      const file = await open(request.sourceTar)
      try {
        return await compile({...deps, packages, limits, ...(await shared)}, request, file)
      } catch (error) {
        throw failure(error, request.onLine)
      } finally {
        await file.close()
      }
    },
    async prepare() {
      const {stacks} = await shared
      await stacks.ensure('heroku-24', {onLine: line => deps.log.info(line.trim())})
    },
    async updateStack() {
      const {stacks} = await shared
      const {run, build} = await stacks.update({onLine: line => deps.log.info(line.trim())}).catch((error: unknown) => {
        throw error instanceof PreparationFailure ? new PlatformError('service_unavailable', error.message, {cause: error}) : error
      })
      return [run, build]
    },
    preparing: () => preparing?.() ?? [],
  }
}

export interface Workshop extends SlugCompilerDeps {
  packages: Packages
  limits: BuildLimits
  trust: Awaited<ReturnType<typeof hostTrust>>
  stacks: Stacks
  toolchains: Toolchains
  /** Where answers of languages' clients are kept. */
  answers: string
}

async function compile(shop: Workshop, given: CompileRequest, file: FileHandle): Promise<CompiledSlug> {
  const {request, heard} = listening(given)
  const {onLine, signal} = request
  onLine(`-----> Building on the ${request.stack.replace(/^./, first => first.toUpperCase())} stack`)
  const source = await readSource(file, request)
  const healthChecks = await healthChecksOf(source, onLine)
  const chosen = await chooseBuildpacks(source, request, (address, namedBy) =>
    fetchBuildpack(address, {...fetching(shop), namedBy, signal}),
  )
  const base = await shop.stacks.ensure(request.stack, {onLine, signal})
  signal.throwIfAborted()
  try {
    return {...(await compilePhase(shop, request, {source, base, done: [], left: chosen, exports: ''})), healthChecks}
  } catch (error) {
    if (error instanceof BuildFailure || signal.aborted) throw error
    if (error instanceof RejectedSource || (error instanceof EngineError && error.code === 'build_failed'))
      throw rejected(error, {language: heard() ?? '', consolation: consolation(chosen), classic: isForeign(chosen)}, onLine)
    throw error
  }
}

/** A buildpack that is not ours speaks for itself. */
function consolation(chosen: Chosen[]): string[] | undefined {
  return isForeign(chosen) ? undefined : chosen.at(-1)?.buildpack.consolation
}

function isForeign(chosen: Chosen[]): boolean {
  return chosen.some(({kind}) => kind === 'classic')
}

/** Some buildpacks say in the middle of the build what the app is. */
function listening(request: CompileRequest): {request: CompileRequest; heard: () => string | undefined} {
  let language: string | undefined
  const onLine = (line: string): void => {
    language = /^-----> (.+) app detected$/.exec(line)?.[1] ?? language
    request.onLine(line)
  }
  return {request: {...request, onLine}, heard: () => language}
}

function fetching({home, env = process.env}: Workshop) {
  return {directory: join(home.root, 'cache', 'buildpacks'), env}
}

async function readSource(file: FileHandle, {layout, onLine}: CompileRequest): Promise<TarSource> {
  const whole = tarSource(file, await indexTar(file, layout))
  const {kept, deleted} = applySlugignore(whole.entries, await whole.text('.slugignore'))
  if (deleted > 0) onLine(`-----> Deleting ${deleted} files matching .slugignore patterns.`)
  return deleted > 0 ? tarSource(file, kept) : whole
}

/** What the user can change has been printed by now; the rest goes up as it is, to be logged where it is handled. */
function failure(error: unknown, onLine: (line: string) => void): unknown {
  if (!(error instanceof RejectedSource)) return error
  for (const line of error.message.split('\n')) onLine(` !     ${line}`.trimEnd())
  onLine(' !     Push rejected, failed to compile.')
  return new BuildFailure(error.message)
}
