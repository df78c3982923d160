import {type DynoContext, enter, say} from '../context.js'
import {socketsCommand} from '../launch.js'
import type {LiveDyno} from '../live-dynos.js'

/** Heroku's boot timeout (R10): milliseconds from launch. */
const bootTimeoutMs = 60_000
const firstPollMs = 10
const eagerMs = 3000
const slowestPollMs = 500

/**
 * Watches a web dyno until something listens on its $PORT (up) or the boot timeout is over (R10, SIGKILL). What was slept is
 * counted, for the time of day may jump: a laptop that wakes up must not kill what boots.
 */
export async function watchBoot(context: DynoContext, dyno: LiveDyno): Promise<void> {
  let poll = firstPollMs
  for (let waited = 0; watched(context, dyno); waited += poll) {
    if (await listens(context, dyno)) return await up(context, dyno)
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

async function up(context: DynoContext, dyno: LiveDyno): Promise<void> {
  if (!watched(context, dyno)) return
  enter(context, dyno, 'up')
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
