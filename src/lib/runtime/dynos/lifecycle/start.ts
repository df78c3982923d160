import {randomUUID} from 'node:crypto'
import {EngineError} from '../../../engine/engine.js'
import type {HealthCheck} from '../../../schema/health-checks.js'
import type {AppRecord} from '../../apps/app-record.js'
import type {ReleaseRecord} from '../../releases/release-record.js'
import {background, type DynoContext, enter, say} from '../context.js'
import type {DesiredDyno} from '../desired.js'
import type {WantedApp} from '../dyno-manager.js'
import {dynoEnvironment, randomPort} from '../environment.js'
import {watchLiveness} from '../health/liveness.js'
import {startupChecks} from '../health/startup.js'
import {commandForLog} from '../launch.js'
import {type LiveDyno, liveDyno} from '../live-dynos.js'
import {dynoSpec, ensureAppNetwork} from '../spec.js'
import {watchBoot} from './boot.js'
import {exited} from './exit.js'

/** Starts a formation dyno. Resolves when its process runs or could not be started; a web dyno is then watched until it is up. */
export async function startDyno(context: DynoContext, wanted: WantedApp, desired: DesiredDyno, from: string): Promise<void> {
  const {name, type, size, command, checks, want} = desired
  const dyno = context.live.add(
    freshDyno(context, wanted.app, wanted.release, {name, type, size, command, checks, want, stack: wanted.slug?.stack ?? ''}),
  )
  if (from === 'up' || from === 'starting') say(context, dyno, 'Restarting')
  if (from !== 'starting') say(context, dyno, `State changed from ${from} to starting`)
  void context.changed(dyno.appId)
  await context.slots.run(() => run(context, wanted, dyno))
}

async function run(context: DynoContext, wanted: WantedApp, dyno: LiveDyno): Promise<void> {
  if (context.signal.aborted || wanted.slug === undefined) return context.live.remove(dyno)
  const env = dynoEnvironment(wanted.app, wanted.release, wanted.slug, dyno)
  say(context, dyno, `Starting process with command \`${commandForLog(dyno.command, env)}\``)
  const spec = dynoSpec(context, wanted.app, wanted.slug, dyno, env)
  try {
    await ensureAppNetwork(context, dyno.appId)
    const started = await context.engine.start(spec, outputOf(context, dyno))
    dyno.engineId = started.id
    if (dyno.exit === undefined) dyno.address = started.address
  } catch (error) {
    return await notStarted(context, dyno, error)
  }
  if (dyno.exit !== undefined) return
  if (dyno.type === 'web' || startupChecks(dyno).length > 0)
    return background(context, `watching ${dyno.container}`, watchBoot(context, dyno))
  enter(context, dyno, 'up')
  background(context, `checking ${dyno.container}`, watchLiveness(context, dyno))
  void context.changed(dyno.appId)
}

/** Sends a dyno's output to the log; keyed by dyno id, since container names come back. */
export function outputOf(context: DynoContext, dyno: LiveDyno): (chunk: {stream: 'stdout' | 'stderr'; data: Buffer} | undefined) => void {
  const writer = context.logplex.output(dyno.appId, dyno.name, dyno.id)
  return chunk => {
    if (chunk !== undefined) return writer.write(chunk.stream, chunk.data)
    writer.end()
    dyno.outputEnded.resolve()
  }
}

/** An engine that is away is no crash: it says `resync` when it is back, and everything is looked at again. */
async function notStarted(context: DynoContext, dyno: LiveDyno, error: unknown): Promise<void> {
  if (!(error instanceof EngineError) || error.code === 'unavailable') {
    context.live.remove(dyno)
    throw error
  }
  dyno.outputEnded.resolve()
  if (error.code !== 'exec_failed') say(context, dyno, `Error R99 (Platform error) -> ${error.message}`)
  await exited(context, dyno, {code: error.exitCode ?? 1, at: context.clock.now()})
}

type Fresh = Pick<LiveDyno, 'name' | 'type' | 'size' | 'command' | 'want' | 'stack'> & {checks?: HealthCheck[]}

/** A dyno that is about to be started: an id, a container name and a port of its own. */
export function freshDyno(context: DynoContext, app: AppRecord, release: ReleaseRecord, wanted: Fresh): LiveDyno {
  return liveDyno({
    id: randomUUID(),
    container: context.live.freeName(context.names.dyno(app.name, wanted.name, release.version)),
    appId: app.id,
    release: {id: release.id, version: release.version},
    port: randomPort(context.random),
    createdAt: context.clock.now(),
    checks: [],
    ...wanted,
  })
}
