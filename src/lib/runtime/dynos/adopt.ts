import type {ObservedContainer} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'
import type {HealthCheck} from '../../schema/health-checks.js'
import {catchUp} from './catch-up.js'
import {background, type DynoContext} from './context.js'
import {coolsOff} from './crash-policy.js'
import {type DesiredDyno, desiredDynos} from './desired.js'
import type {WantedApp} from './dyno-manager.js'
import {watchLiveness} from './health/liveness.js'
import {probe} from './health/probe.js'
import {startupChecks, startupSeconds} from './health/startup.js'
import {bootTimeoutMs, listens, watchBoot} from './lifecycle/boot.js'
import {exited} from './lifecycle/exit.js'
import {freshDyno} from './lifecycle/start.js'
import {goOn, rejoin} from './lifecycle/tampered.js'
import {type LiveDyno, liveDyno} from './live-dynos.js'
import {adoptOneOff} from './one-offs/adopt-one-off.js'

/**
 * Brings the live dynos of an app in line with the containers that were observed: adopts, notices ends, forgets what is gone.
 * `before` is what was there when the observation began; a dyno that was started since is not missing.
 */
export async function reconcile(
  context: DynoContext,
  app: {id: string; wanted: WantedApp | undefined},
  containers: ObservedContainer[],
  before: ReadonlySet<string>,
): Promise<void> {
  const {id, wanted} = app
  const desired = wanted === undefined ? [] : desiredDynos(wanted)
  await Promise.all(containers.map(container => reconcileOne(context, desired, container)))
  forgetVanished(context, id, containers, before)
  if (wanted !== undefined) keepCrashed(context, wanted, desired)
}

/** Forgets formation dynos whose containers were not observed: somebody removed them. */
function forgetVanished(context: DynoContext, appId: string, containers: ObservedContainer[], before: ReadonlySet<string>): void {
  const there = new Set(containers.map(one => one.name))
  for (const dyno of context.live.formation(appId)) {
    const {container} = dyno
    if (there.has(container) || !before.has(container)) continue
    context.condemned.forget(container)
    context.live.remove(dyno)
    void context.changed(appId)
  }
}

/** A dyno that waits for its next start is crashed also when nothing is left of its container: somebody tidied, or it never started. */
function keepCrashed(context: DynoContext, {app, release, slug}: WantedApp, desired: DesiredDyno[]): void {
  const there = new Set(context.live.formation(app.id).map(one => one.name))
  const missing = desired.filter(one => !there.has(one.name))
  if (missing.length === 0) return
  const crashes = context.crashes.of(app.id, release.id)
  const now = context.clock.now()
  for (const {name, type, size, command, want} of missing) {
    const crash = crashes.get(name)
    if (crash === undefined || !coolsOff(crash, now)) continue
    const dyno = context.live.add(freshDyno(context, app, release, {name, type, size, command, want, stack: slug?.stack ?? ''}))
    dyno.outputEnded.resolve()
    setCrashed(dyno, {since: crash.crashedAt, code: 1})
    void context.changed(app.id)
  }
}

async function reconcileOne(context: DynoContext, desired: DesiredDyno[], container: ObservedContainer): Promise<void> {
  const dyno = context.live.find(container.name)
  const id = container.labels[label.dynoId]
  if (dyno === undefined) {
    if (id === undefined) return
    // Its start broke off: of it or of what was done about it nothing else is left.
    if (container.state === 'created') return await context.engine.remove(container.id)
    if (context.live.wasRemoved(id)) return
    return await adopt(context, desired, container)
  }
  if (dyno.id !== id) return
  dyno.engineId ??= container.id
  if (hasEnded(container)) await exited(context, dyno, exitOf(context, container))
}

/** A dyno of before the runtime started. What runs goes on, and what it wrote meanwhile is fetched. */
async function adopt(context: DynoContext, desired: DesiredDyno[], container: ObservedContainer): Promise<void> {
  const dyno = context.live.add(fromContainer(container))
  if (container.state === 'paused') await goOn(context, dyno, container.id)
  if (dyno.want === undefined) return adoptOneOff(context, dyno, container)
  const caughtUp = catchUp(context, dyno, container)
  background(context, `catching up with ${dyno.container}`, caughtUp)
  if (hasEnded(container)) {
    await caughtUp.catch(() => undefined)
    return await adoptEnded(context, desired, dyno, container)
  }
  dyno.state = (await hasStarted(context, dyno, container)) ? 'up' : 'starting'
  if (dyno.address === undefined) background(context, `connecting ${dyno.container}`, rejoin(context, dyno))
  if (dyno.state === 'starting') background(context, `watching ${dyno.container}`, watchBoot(context, dyno))
  else background(context, `checking ${dyno.container}`, watchLiveness(context, dyno))
}

/** One that has run for longer than its startup checks take has passed them; a younger one is asked again, for nobody wrote it down. */
async function hasStarted(context: DynoContext, dyno: LiveDyno, {startedAt}: ObservedContainer): Promise<boolean> {
  if (dyno.type === 'web' && !(await listens(context, dyno))) return false
  const age = context.clock.now().getTime() - (startedAt ?? dyno.createdAt).getTime()
  if (age > bootTimeoutMs + startupSeconds(dyno) * 1000) return true
  const problems = await Promise.all(startupChecks(dyno).map(check => probe(context, dyno, check)))
  return problems.every(problem => problem === undefined)
}

/** An end that was seen before, or that somebody asked for, is no news; any other is a crash that happened while we were away. */
async function adoptEnded(context: DynoContext, desired: DesiredDyno[], dyno: LiveDyno, container: ObservedContainer): Promise<void> {
  const known = context.crashes.of(dyno.appId, dyno.release.id).get(dyno.name)
  const seen = known !== undefined && container.startedAt !== undefined && known.crashedAt >= container.startedAt
  const asked = context.condemned.of(dyno.container) !== undefined || !desired.some(one => one.name === dyno.name && one.want === dyno.want)
  if (!seen && !asked) {
    dyno.state = 'up'
    return await exited(context, dyno, exitOf(context, container))
  }
  setCrashed(dyno, {since: container.finishedAt ?? dyno.since, code: container.exitCode ?? 0})
}

function setCrashed(dyno: LiveDyno, {since, code}: {since: Date; code: number}): void {
  dyno.state = 'crashed'
  dyno.since = since
  dyno.exit = Promise.resolve()
  dyno.ended.resolve(code)
}

function fromContainer(container: ObservedContainer): LiveDyno {
  const {labels} = container
  const read = (name: string): string => labels[name] ?? ''
  const dyno = liveDyno({
    id: read(label.dynoId),
    container: container.name,
    appId: read(label.app),
    name: read(label.dyno),
    type: read(label.type),
    size: read(label.size),
    command: read(label.command),
    stack: read(label.stack),
    want: labels[label.want],
    release: {id: read(label.releaseId), version: Number(read(label.release))},
    port: Number(read(label.port)),
    checks: JSON.parse(labels[label.checks] ?? '[]') as HealthCheck[],
    createdAt: container.createdAt,
  })
  dyno.engineId = container.id
  dyno.address = Object.values(container.addresses)[0]
  dyno.since = container.startedAt ?? container.createdAt
  return dyno
}

export function hasEnded(container: ObservedContainer): boolean {
  return container.state === 'exited' || container.state === 'dead'
}

function exitOf(context: DynoContext, container: ObservedContainer): {code: number; at: Date; outOfMemory: boolean} {
  return {
    code: container.exitCode ?? 0,
    at: container.finishedAt ?? context.clock.now(),
    outOfMemory: container.outOfMemory === true,
  }
}
