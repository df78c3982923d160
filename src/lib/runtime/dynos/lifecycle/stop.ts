import {doneWithin} from '../../support/clock.js'
import {type DynoContext, say} from '../context.js'
import type {LiveDyno} from '../live-dynos.js'
import {endOf, exited} from './exit.js'

/** From SIGTERM to SIGKILL, in ms. */
const graceMs = 30_000
/** How long a slow router may hold up a stop. */
const routerMs = 10_000
/** How long requests in flight may hold up a stop, in ms. Many servers drop what they are at when they get SIGTERM; a WebSocket has no end. */
const requestsMs = 5_000

/**
 * Ends a dyno for good: out of the router first, then its requests may end, SIGTERM to every process, after 30 s Error R12 and SIGKILL,
 * then its container goes.
 * Resolves when it is gone.
 */
export async function stopDyno(context: DynoContext, dyno: LiveDyno): Promise<void> {
  if (dyno.stopping) return
  dyno.stopping = true
  const followed = context.changed(dyno.appId)
  try {
    if (dyno.type === 'web' && dyno.state === 'up') await leaveRouter(context, dyno, followed)
    if (dyno.engineId !== undefined && dyno.exit === undefined) await terminate(context, dyno, dyno.engineId)
    await removeDyno(context, dyno)
  } catch (error) {
    // The engine is away: when it is back, the next plan says it again.
    dyno.stopping = false
    throw error
  }
}

async function leaveRouter(context: DynoContext, dyno: LiveDyno, followed: Promise<void>): Promise<void> {
  if (!(await doneWithin(context.clock, routerMs, followed, context.signal)) || dyno.address === undefined) return
  const waiting = new AbortController()
  const quiet = context.quiet({dyno: dyno.name, address: dyno.address, port: dyno.port}, AbortSignal.any([waiting.signal, context.signal]))
  // A router that cannot tell keeps no dyno.
  const told = quiet.catch(() => undefined)
  await doneWithin(context.clock, requestsMs, told, context.signal)
  waiting.abort()
}

/** Removes what is left of a dyno that has ended. */
export async function removeDyno(context: DynoContext, dyno: LiveDyno): Promise<void> {
  if (dyno.engineId !== undefined) await context.engine.remove(dyno.engineId)
  context.condemned.forget(dyno.container)
  context.live.remove(dyno)
  // Of a one-off dyno that never had a process; for all others it is settled already.
  dyno.ended.resolve(143)
  await context.changed(dyno.appId)
}

async function terminate(context: DynoContext, dyno: LiveDyno, id: string): Promise<void> {
  say(context, dyno, 'Stopping all processes with SIGTERM')
  const done = endOf(context, id)
  done.catch(() => undefined)
  await context.engine.kill(id, 'SIGTERM')
  if (!(await doneWithin(context.clock, graceMs, done, context.signal))) {
    say(context, dyno, 'Error R12 (Exit timeout) -> Process failed to exit within 30 seconds of SIGTERM')
    say(context, dyno, 'Stopping process with SIGKILL')
    await context.engine.kill(id, 'SIGKILL')
  }
  await exited(context, dyno, {...(await done), at: context.clock.now()})
}
