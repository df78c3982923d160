import {background, type DynoContext, enter, say} from '../context.js'
import {watchLiveness} from '../health/liveness.js'
import {startsHealthy} from '../health/startup.js'
import {socketsCommand} from '../launch.js'
import type {LiveDyno} from '../live-dynos.js'

/** Heroku's boot timeout (R10): milliseconds from launch. */
export const bootTimeoutMs = 60_000
const firstPollMs = 10
const eagerMs = 3000
const slowestPollMs = 500

/**
 * Watches a dyno until its startup checks have passed (up), or one has failed for good (SIGKILL). They begin, for a web dyno, when something
 * listens on its $PORT; when nothing does until the boot timeout is over, that is R10. What was slept is counted, for the time of day may
 * jump: a laptop that wakes up must not kill what boots.
 */
export async function watchBoot(context: DynoContext, dyno: LiveDyno): Promise<void> {
  let poll = firstPollMs
  for (let waited = 0; watched(context, dyno); waited += poll) {
    if (dyno.type !== 'web' || (await listens(context, dyno))) return await checked(context, dyno)
    if (waited >= bootTimeoutMs) return await bootTimeout(context, dyno)
    if (waited > eagerMs) poll = Math.min(poll * 1.5, slowestPollMs)
    await context.clock.sleep(poll, context.signal).catch(() => undefined)
  }
}

/** Whether something listens on the dyno's $PORT now. */
export async function listens(context: DynoContext, dyno: LiveDyno): Promise<boolean> {
  if (dyno.engineId === undefined) return false
  return context.engine.listening({id: dyno.engineId, address: dyno.address}, dyno.port, socketsCommand(dyno.stack)).catch(() => false)
}

async function checked(context: DynoContext, dyno: LiveDyno): Promise<void> {
  if (await startsHealthy(context, dyno, () => watched(context, dyno))) return await up(context, dyno)
  if (!watched(context, dyno)) return
  say(context, dyno, 'Stopping process with SIGKILL')
  await context.engine.kill(dyno.engineId as string, 'SIGKILL')
}

async function up(context: DynoContext, dyno: LiveDyno): Promise<void> {
  if (!watched(context, dyno)) return
  enter(context, dyno, 'up')
  background(context, `checking ${dyno.container}`, watchLiveness(context, dyno))
  await context.changed(dyno.appId)
  context.convergeSoon(dyno.appId, `${dyno.name} is up`)
}

async function bootTimeout(context: DynoContext, dyno: LiveDyno): Promise<void> {
  if (!watched(context, dyno)) return
  say(context, dyno, 'Error R10 (Boot timeout) -> Web process failed to bind to $PORT within 60 seconds of launch')
  say(context, dyno, 'Stopping process with SIGKILL')
  await context.engine.kill(dyno.engineId as string, 'SIGKILL')
}

function watched(context: DynoContext, dyno: LiveDyno): boolean {
  return dyno.state === 'starting' && !dyno.stopping && dyno.exit === undefined && !context.signal.aborted
}
