import type {Readable} from 'node:stream'
import {PlatformError} from '../../schema/errors.js'
import type {AppRecord} from '../apps/app-record.js'
import type {Apps} from '../apps/apps.js'
import type {Cut, Releases} from '../releases/releases.js'
import {BuildFailure, type CompiledSlug, type CompileRequest, type SlugCompiler} from '../slugs/compile.js'
import type {ContainerPush} from '../slugs/container/plan.js'
import type {BuildLimits} from '../slugs/limits.js'
import type {SlugImages} from '../slugs/slug-images.js'
import type {Slugs} from '../slugs/slugs.js'
import type {TextRange} from '../store/text-range.js'
import type {Clock} from '../support/clock.js'
import {apiNotice, type LogSink} from '../support/log-sink.js'
import {keptOutputs, type Outputs, type OutputWriter} from '../support/outputs.js'
import type {Queues} from '../support/queues.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {BuildRecord, BuildTable} from './build-table.js'
import {withoutCredentials} from './fetch-source.js'
import type {Sources} from './sources.js'
import {launchLines, type Verdict, verifyLines, waitForRelease} from './transcript.js'

export interface BuildRequest {
  /** A tar or tar.gz that is on its way in, or a URL. */
  source: {stream: Readable} | {url: string}
  /** Default: `archive` of a URL, `tree` of a stream, since a push sends the tree itself. */
  layout?: CompileRequest['layout']
  version?: string
  description?: string
  checksum?: string
  /** The branch that a push moves, which must still be where the push found it when the build's turn comes. */
  branch?: Branch
  /** Overrides the app's for this build only. */
  buildpacks?: string[]
  /** Images to make and to keep, instead of a release. */
  push?: ContainerPush
  user: string
}

export interface Branch {
  /** Throws when another push has moved it meanwhile. */
  check(): Promise<void>
  /** Resolves when git has moved it to what was built; the next build of the app waits for it. */
  moved(): Promise<void>
}

/** Waits until the web dynos of a release are up or given up; declared here, done by the dyno manager. */
export interface Settling {
  /** Makes what the app's dynos will need of the engine whatever is in them, unless it is there. */
  prepare(appId: string): Promise<void>
  settled(appId: string, releaseId: string): Promise<boolean>
  web(appId: string): {up: unknown[]}
}

/** Declared here, done by the add-ons. */
export interface Provisioned {
  /** Waits until add-ons that are being provisioned have set their config vars. */
  settled(appId: string): Promise<void>
  /** Gives the app an add-on unless one of that service is attached; the name of what was made. Throws PlatformError. */
  provide(app: AppRecord, plan: string, user: string): Promise<string | undefined>
}

interface BuildsDeps {
  apps: Apps
  table: BuildTable
  sources: Sources
  slugs: Slugs
  images: SlugImages
  limits: BuildLimits
  compiler: SlugCompiler
  releases: Releases
  settling: Settling
  addons: Provisioned
  outputs: Outputs
  logs: LogSink
  clock: Clock
  log: RuntimeLog
  webUrl: (app: AppRecord) => string
  configVars: (appId: string) => Record<string, string>
}

/** Builds: one at a time per app, each with an output that can be followed. */
export class Builds {
  private readonly running = new Map<string, Running>()

  constructor(
    private readonly deps: BuildsDeps,
    private readonly queues: Queues,
  ) {}

  /** Stores the build and queues it. Its source is taken in first, so that the sender need not wait for its turn. */
  async start(app: AppRecord, request: BuildRequest): Promise<{build: BuildRecord; finished: Promise<BuildRecord>}> {
    const build = this.deps.table.insert({
      appId: app.id,
      stack: request.push === undefined ? app.buildStack : 'container',
      buildpacks: request.buildpacks,
      sourceUrl: 'url' in request.source ? withoutCredentials(request.source.url) : 'git',
      sourceVersion: request.version,
      sourceDescription: request.description,
      sourceChecksum: request.checksum,
      userEmail: request.user,
    })
    const running: Running = {appId: app.id, abort: new AbortController(), releaseId: undefined}
    this.running.set(build.id, running)
    const output = await this.deps.outputs.start(build.id)
    const layout = request.layout ?? ('url' in request.source ? 'archive' : 'tree')
    const tar = this.inTime(running, () => this.takeIn(build, request, running.abort.signal))
    const finished = this.queue({abort: running.abort, running, build, tar, output, branch: request.branch, push: request.push, layout})
    // A runtime that ends takes the store from under it; the next one says that the build has failed.
    finished.catch(error => this.deps.log.info('build left unfinished', {build: build.id, error}))
    return {build, finished}
  }

  /** One build after the other, but what fails before its turn (canceled, or its source cannot be had) ends at once. */
  private queue(job: Job): Promise<BuildRecord> {
    const {abort, branch, build, tar} = job
    let begun = false
    const early = new Promise<BuildRecord>(resolve => {
      const fail = (error: unknown): void => {
        if (!begun) resolve(this.end(job, error))
        begun = true
      }
      abort.signal.addEventListener('abort', () => fail(abort.signal.reason), {once: true})
      tar.catch(fail)
    })
    const turn = this.queues.run(build.appId, async () => {
      if (begun) return await early
      begun = true
      const built = await this.work(job)
      if (built.status === 'succeeded') await branch?.moved()
      return built
    })
    return Promise.race([turn, early])
  }

  get(appId: string, id: string): BuildRecord {
    const build = this.deps.table.get(id)
    if (build === undefined || build.appId !== appId) throw new PlatformError('not_found', "Couldn't find that build.", {resource: 'build'})
    return build
  }

  list(appId: string): BuildRecord[] {
    return this.deps.table.list(appId)
  }

  page(appId: string, range: TextRange): BuildRecord[] {
    return this.deps.table.page(appId, range)
  }

  /**
   * Stops a build that waits or runs; of one that is released already, the release command, so that its release fails. Throws when
   * nothing of it runs any more.
   */
  cancel(build: BuildRecord): void {
    const running = this.running.get(build.id)
    if (running === undefined || !this.stop(running))
      throw new PlatformError('invalid_params', 'That build has ended already and cannot be canceled.')
  }

  /** Stops every build of an app that is being destroyed. */
  cancelAll(appId: string): void {
    for (const running of this.running.values()) if (running.appId === appId) this.stop(running)
  }

  private stop({abort, releaseId}: Running): boolean {
    if (releaseId !== undefined) return this.deps.releases.cancelCommand(releaseId)
    abort.abort(new BuildFailure('canceled'))
    return true
  }

  /** Whether a build of the app, or any at all, waits or runs. */
  isBuilding(appId?: string): boolean {
    return [...this.running.values()].some(one => appId === undefined || one.appId === appId)
  }

  /** Resolves when no build is queued or running. */
  idle(): Promise<void> {
    return this.queues.idle()
  }

  /** What a killed runtime left behind. */
  recover(): void {
    for (const build of this.deps.table.failPending())
      this.notice(build.appId, 'Build failed -- the runtime was stopped while it ran; push again')
  }

  private async takeIn(build: BuildRecord, request: BuildRequest, signal: AbortSignal): Promise<string> {
    const {sources} = this.deps
    const stream = 'stream' in request.source ? request.source.stream : await sources.fetch(request.source.url, signal)
    return await sources.spool(build.id, stream, {checksum: build.sourceChecksum, signal})
  }

  private async work(job: Job): Promise<BuildRecord> {
    const {abort, branch, build, tar} = job
    try {
      const app = this.deps.apps.resolve(build.appId)
      this.notice(app.id, `Build started by user ${build.userEmail}`)
      const path = await tar
      await branch?.check()
      abort.signal.throwIfAborted()
      await this.compileAndRelease(app, job, path)
      return await this.end(job)
    } catch (error) {
      // An image that became no slug is nobody's.
      await this.deps.images.sweep(build.appId).catch(cause => this.deps.log.info('images kept', {build: build.id, error: cause}))
      return await this.end(job, error)
    }
  }

  /** Whatever happened: says why it failed, if so, and leaves nothing but the output. */
  private async end({abort, build, output, tar}: Job, error?: unknown): Promise<BuildRecord> {
    const {apps, limits, log, outputs, sources, table} = this.deps
    if (error !== undefined) {
      table.finish(build.id, 'failed')
      const why = abort.signal.aborted ? abort.signal.reason : error
      explain(why, {appName: apps.find(build.appId)?.name ?? build.appId, timeout: limits.timeout}, text => output.write(`${text}\n`))
      if (!(why instanceof BuildFailure || why instanceof PlatformError)) log.error('build failed', {build: build.id, error: why})
      this.notice(build.appId, 'Build failed -- check your build output')
    }
    this.running.delete(build.id)
    // Before anybody hears that it has ended: then the runtime may be closed.
    const [ended, old] = [table.get(build.id) ?? build, table.olderThan(build.appId, keptOutputs)]
    await tar.then(path => sources.remove(path)).catch(() => undefined)
    await output.end()
    await outputs.removeAll(old).catch(cause => log.error('old outputs kept', {error: cause}))
    return ended
  }

  /** Heroku's time limit, for work that the signal stops. */
  private async inTime<T>({abort}: Pick<Running, 'abort'>, work: () => Promise<T>): Promise<T> {
    const ended = new AbortController()
    void this.deps.clock.sleep(this.deps.limits.timeout, ended.signal).then(
      () => abort.abort(new BuildTimeout('timed out')),
      () => undefined,
    )
    return await work().finally(() => ended.abort())
  }

  private async compileAndRelease(app: AppRecord, job: Job, tar: string): Promise<void> {
    const {build, output, running} = job
    const {signal} = job.abort
    const line = (text: string): void => output.write(`${text}\n`)
    const again = build.sourceVersion !== undefined && this.deps.table.wasBuilt(app.id, build.sourceVersion)
    if (job.push === undefined) this.prepare(app.id)
    const slug = await this.inTime(job, () => this.deps.compiler.compile(this.compileRequest(app, job, tar)))
    signal.throwIfAborted()
    this.notice(app.id, 'Build succeeded')
    if (job.push !== undefined) return this.deps.table.finish(build.id, 'succeeded', {slugId: this.deps.slugs.add(slugOf(build, slug)).id})
    if (this.deps.releases.current(app.id)?.slugId === undefined) await this.provide(app, build, slug.addons ?? [], line)
    const cut = await this.release(app, build, slug, signal)
    running.releaseId = cut.release.id
    const phase = cut.release.outputId
    launchLines({version: cut.release.version, url: this.deps.webUrl(app), releaseCommand: phase !== undefined}, line)
    if (phase !== undefined) await waitForRelease(this.deps.outputs.read(phase, signal), cut.finished, line, data => output.write(data))
    else verifyLines(await this.verdict(app, cut), line)
    if (again) line(`\n## Warning - The same version of this code has already been built: ${build.sourceVersion}`)
  }

  /** While the build runs, so that the release need not wait for it; it tries again, and tells what is wrong. */
  private prepare(appId: string): void {
    this.deps.settling.prepare(appId).catch(error => this.deps.log.debug('not prepared', {app: appId, error}))
  }

  private compileRequest(app: AppRecord, {abort, build, layout, output, push}: Job, tar: string): CompileRequest {
    return {
      appId: app.id,
      appName: app.name,
      sourceTar: tar,
      layout,
      stack: push === undefined ? app.buildStack : 'container',
      push,
      buildpacks: build.buildpacks ?? app.buildpacks,
      detectedBuildpack: app.detectedBuildpack,
      configVars: this.deps.configVars(app.id),
      sourceVersion: build.sourceVersion,
      onLine: text => output.write(`${text}\n`),
      signal: abort.signal,
    }
  }

  /** What the buildpack says that such an app needs, with its first slug only, as on Heroku. The release goes on without what cannot be had. */
  private async provide(app: AppRecord, {userEmail}: BuildRecord, plans: string[], line: (text: string) => void): Promise<void> {
    for (const plan of plans) {
      try {
        const name = await this.deps.addons.provide(app, plan, userEmail)
        if (name !== undefined) line(`-----> Provisioning ${plan}\n       Created ${name}`)
      } catch (error) {
        if (!(error instanceof PlatformError)) throw error
        line(` !     ${plan} could not be provisioned: ${error.message}`)
      }
    }
  }

  private async release(app: AppRecord, build: BuildRecord, compiled: CompiledSlug, signal: AbortSignal): Promise<Cut> {
    const {addons, apps, releases, slugs, table} = this.deps
    await addons.settled(app.id)
    const cut = await releases.cut(app.id, () => {
      signal.throwIfAborted()
      const slug = slugs.add(slugOf(build, compiled))
      if (app.buildpacks.length === 0) apps.update(app.id, {detectedBuildpack: compiled.buildpacks[0]})
      return {
        description:
          build.sourceDescription ?? (build.sourceVersion === undefined ? 'Deploy' : `Deploy ${build.sourceVersion.slice(0, 8)}`),
        user: build.userEmail,
        slugId: slug.id,
        alongside: release =>
          table.finish(build.id, 'succeeded', {slugId: slug.id, releaseId: release.id, buildpacks: compiled.buildpacks}),
      }
    })
    return cut as Cut
  }

  private async verdict(app: AppRecord, cut: Cut): Promise<Verdict> {
    const release = await cut.finished
    if (release.status !== 'succeeded') return 'failed'
    if (await this.deps.settling.settled(app.id, release.id)) return 'up'
    return this.deps.settling.web(app.id).up.length > 0 ? 'kept' : 'down'
  }

  private notice(appId: string, message: string): void {
    this.deps.logs.append(appId, apiNotice(this.deps.clock.now(), message))
  }
}

interface Running {
  appId: string
  abort: AbortController
  /** Once it is released, canceling means its release command. */
  releaseId: string | undefined
}

interface Job {
  abort: AbortController
  running: Running
  build: BuildRecord
  tar: Promise<string>
  output: OutputWriter
  branch: Branch | undefined
  push: ContainerPush | undefined
  layout: CompileRequest['layout']
}

class BuildTimeout extends BuildFailure {}

function slugOf(build: BuildRecord, compiled: CompiledSlug): Parameters<Slugs['add']>[0] {
  return {
    appId: build.appId,
    image: compiled.image,
    stack: build.stack,
    processTypes: compiled.processTypes,
    commit: build.sourceVersion,
    commitDescription: build.sourceDescription,
    buildpackDescription: compiled.buildpackDescription,
    size: compiled.sizeBytes,
    container: compiled.container,
    healthChecks: compiled.healthChecks,
  }
}

/** A BuildFailure has said everything already; any other reason is told here. Then Heroku's last words of a failed push. */
function explain(error: unknown, {appName, timeout}: {appName: string; timeout: number}, line: (text: string) => void): void {
  if (error instanceof BuildTimeout) {
    line(` !     Build timed out: it took longer than ${Math.round(timeout / 6000) / 10} minutes.`)
    line(' !     To allow more: HOKKU_BUILD_TIMEOUT=MINUTES hokku runtime:restart')
  } else if (error instanceof BuildFailure && error.message === 'canceled') line(' !     Build canceled.')
  else if (error instanceof PlatformError) for (const text of error.message.split('\n')) line(` !     ${text}`)
  else if (!(error instanceof BuildFailure)) line(` !     The build could not be done: ${(error as Error).message}`)
  for (const text of ['', ' !     Push failed', '', 'Verifying deploy...', '', `!\tPush rejected to ${appName}.`, '']) line(text)
}
