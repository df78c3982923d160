import type {Readable} from 'node:stream'
import {PlatformError} from '../../schema/errors.js'
import type {AppRecord} from '../apps/app-record.js'
import type {Apps} from '../apps/apps.js'
import type {Cut, Releases} from '../releases/releases.js'
import {BuildFailure, type CompiledSlug, type SlugCompiler} from '../slugs/compile.js'
import type {Slugs} from '../slugs/slugs.js'
import type {TextRange} from '../store/text-range.js'
import type {Clock} from '../support/clock.js'
import {apiNotice, type LogSink} from '../support/log-sink.js'
import {keptOutputs, type Outputs, type OutputWriter} from '../support/outputs.js'
import type {Queues} from '../support/queues.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {BuildRecord, BuildTable} from './build-table.js'
import type {Sources} from './sources.js'
import {launchLines, type Verdict, verifyLines, waitForRelease} from './transcript.js'

export interface BuildRequest {
  /** A tar or tar.gz that is on its way in, or a URL. */
  source: {stream: Readable} | {url: string}
  version?: string
  description?: string
  checksum?: string
  /** The branch that a push moves, which must still be where the push found it when the build's turn comes. */
  branch?: Branch
  /** Overrides the app's for this build only. */
  buildpacks?: string[]
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
  settled(appId: string, releaseId: string): Promise<boolean>
  web(appId: string): {up: unknown[]}
}

/** Waits until add-ons that are being provisioned have set their config vars; declared here, done by the add-ons. */
export interface Provisioned {
  settled(appId: string): Promise<void>
}

interface BuildsDeps {
  apps: Apps
  table: BuildTable
  sources: Sources
  slugs: Slugs
  compiler: SlugCompiler
  releases: Releases
  settling: Settling
  addons: Provisioned
  outputs: Outputs
  logs: LogSink
  clock: Clock
  log: RuntimeLog
  webUrl: (appName: string) => string
  configVars: (appId: string) => Record<string, string>
}

/** Builds: one at a time per app, each with an output that can be followed. */
export class Builds {
  private readonly running = new Map<string, AbortController>()

  constructor(
    private readonly deps: BuildsDeps,
    private readonly queues: Queues,
  ) {}

  /** Stores the build and queues it. Its source is taken in first, so that the sender need not wait for its turn. */
  async start(app: AppRecord, request: BuildRequest): Promise<{build: BuildRecord; finished: Promise<BuildRecord>}> {
    const build = this.deps.table.insert({
      appId: app.id,
      stack: app.buildStack,
      buildpacks: request.buildpacks,
      sourceUrl: 'url' in request.source ? request.source.url : 'git',
      sourceVersion: request.version,
      sourceDescription: request.description,
      sourceChecksum: request.checksum,
      userEmail: request.user,
    })
    const abort = new AbortController()
    this.running.set(build.id, abort)
    const output = await this.deps.outputs.start(build.id)
    const tar = this.takeIn(build, request, abort.signal)
    tar.catch(() => undefined)
    const finished = this.queues.run(app.id, async () => {
      const built = await this.work(build, {tar, output, signal: abort.signal, branch: request.branch})
      if (built.status === 'succeeded') await request.branch?.moved()
      return built
    })
    return {build, finished}
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

  /** Stops a build that waits or runs. Throws when it has ended already. */
  cancel(build: BuildRecord): void {
    const abort = this.running.get(build.id)
    if (abort === undefined) throw new PlatformError('invalid_params', 'That build has ended already and cannot be canceled.')
    abort.abort()
  }

  /** Stops every build of an app that is being destroyed. */
  cancelAll(appId: string): void {
    for (const build of this.list(appId)) this.running.get(build.id)?.abort()
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
    return await sources.spool(build.id, stream, build.sourceChecksum)
  }

  private async work(build: BuildRecord, {tar, output, signal, branch}: Work): Promise<BuildRecord> {
    const {apps, log, sources, table} = this.deps
    const line = (text: string): void => output.write(`${text}\n`)
    try {
      const app = apps.resolve(build.appId)
      this.notice(app.id, `Build started by user ${build.userEmail}`)
      const path = await tar
      await branch?.check()
      if (signal.aborted) throw new BuildFailure('canceled')
      await this.compileAndRelease(app, build, path, line, signal, data => output.write(data))
    } catch (error) {
      table.finish(build.id, 'failed')
      explain(error, signal, apps.find(build.appId)?.name ?? build.appId, line)
      if (!(error instanceof BuildFailure || error instanceof PlatformError)) log.error('build failed', {build: build.id, error})
      this.notice(build.appId, 'Build failed -- check your build output')
    } finally {
      this.running.delete(build.id)
      await tar.then(path => sources.remove(path)).catch(() => undefined)
      await output.end()
      await this.deps.outputs.removeAll(table.olderThan(build.appId, keptOutputs)).catch(error => log.error('old outputs kept', {error}))
    }
    return table.get(build.id) ?? build
  }

  private async compileAndRelease(
    app: AppRecord,
    build: BuildRecord,
    tar: string,
    line: (text: string) => void,
    signal: AbortSignal,
    write: (data: Buffer) => void,
  ): Promise<void> {
    const again = build.sourceVersion !== undefined && this.deps.table.wasBuilt(app.id, build.sourceVersion)
    const slug = await this.deps.compiler.compile({
      appId: app.id,
      appName: app.name,
      sourceTar: tar,
      stack: app.buildStack,
      buildpacks: build.buildpacks ?? app.buildpacks,
      detectedBuildpack: app.detectedBuildpack,
      configVars: this.deps.configVars(app.id),
      sourceVersion: build.sourceVersion,
      onLine: line,
      signal,
    })
    this.notice(app.id, 'Build succeeded')
    const cut = await this.release(app, build, slug)
    const phase = cut.release.outputId
    launchLines({version: cut.release.version, url: this.deps.webUrl(app.name), releaseCommand: phase !== undefined}, line)
    if (phase !== undefined) await waitForRelease(this.deps.outputs.read(phase, signal), cut.finished, line, write)
    else verifyLines(await this.verdict(app, cut), line)
    if (again) line(`\n## Warning - The same version of this code has already been built: ${build.sourceVersion}`)
  }

  private async release(app: AppRecord, build: BuildRecord, compiled: CompiledSlug): Promise<Cut> {
    const {addons, apps, releases, slugs, table} = this.deps
    await addons.settled(app.id)
    const cut = await releases.cut(app.id, () => {
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

interface Work {
  tar: Promise<string>
  output: OutputWriter
  signal: AbortSignal
  branch: Branch | undefined
}

function slugOf(build: BuildRecord, compiled: CompiledSlug): Parameters<Slugs['add']>[0] {
  return {
    appId: build.appId,
    image: compiled.image,
    stack: build.stack,
    processTypes: compiled.processTypes,
    commit: build.sourceVersion,
    commitDescription: build.sourceDescription,
    buildpackDescription: compiled.buildpackDescription,
    checksum: compiled.checksum,
    size: compiled.sizeBytes,
  }
}

/** A BuildFailure has said everything already; any other reason is told here. Then Heroku's last words of a failed push. */
function explain(error: unknown, signal: AbortSignal, appName: string, line: (text: string) => void): void {
  if (signal.aborted) line(' !     Build canceled.')
  else if (error instanceof PlatformError) line(` !     ${error.message}`)
  else if (!(error instanceof BuildFailure)) line(` !     The build could not be done: ${(error as Error).message}`)
  for (const text of ['', ' !     Push failed', '', 'Verifying deploy...', '', `!\tPush rejected to ${appName}.`, '']) line(text)
}
