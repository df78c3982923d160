import type {HealthChecks} from '../../schema/health-checks.js'
import type {ConfigVars, ProcessTypes} from '../../schema/resources.js'
import type {Preparation} from '../support/shared-work.js'
import type {ContainerPush} from './container/plan.js'
import type {ContainerProcesses} from './slug-record.js'

/** What the slug compiler is asked: source in, slug out. Declared here, done by slug-compiler.ts. */
export interface CompileRequest {
  appId: string
  appName: string
  /** Path of an uncompressed tar of the source, paths relative to the app's root. The caller removes it. */
  sourceTar: string
  /** `archive`: one folder that holds everything, as GitHub's archives have, is taken for the root. */
  layout: 'tree' | 'archive'
  stack: string
  /** Buildpacks the app has set, in order; empty = app.json's, else detect. */
  buildpacks: string[]
  /** What the last build detected, tried first so that an app keeps its buildpack. */
  detectedBuildpack: string | undefined
  configVars: ConfigVars
  /** SOURCE_VERSION: the commit. */
  sourceVersion: string | undefined
  /** Lines as Heroku's build prints them, `-----> …` and all, without newline. Never blocks. */
  onLine: (line: string) => void
  signal: AbortSignal
  /** Of the container stack: images instead of what heroku.yml says. */
  push?: ContainerPush | undefined
}

export interface CompiledSlug {
  image: string
  processTypes: ProcessTypes
  /** `Node.js`; undefined when no buildpack ran. */
  buildpackDescription: string | undefined
  /** Add-on services, perhaps with a plan, that the buildpack gives an app with its first slug. */
  addons?: string[]
  /** Names of the buildpacks that ran: `heroku/nodejs`. */
  buildpacks: string[]
  sizeBytes: number
  /** Of the container stack only. */
  container?: ContainerProcesses
  healthChecks?: HealthChecks | undefined
}

export interface SlugCompiler {
  /**
   * Compiles, or throws BuildFailure after every line that explains the failure has been written, the last being
   * ` !     Push rejected, failed to compile Node.js app.` or its like.
   */
  compile(request: CompileRequest): Promise<CompiledSlug>
  /** Builds what every app needs first, unless it exists, so that no push waits for it. */
  prepare(): Promise<void>
  /** Builds the stack anew, with the packages that Debian has now: the names of its images, which the builds that follow use. */
  updateStack(): Promise<string[]>
  /** What is being prepared now. */
  preparing(): Preparation[]
}

/** The user's code or configuration could not be built; what happened has been printed already. */
export class BuildFailure extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BuildFailure'
  }
}
