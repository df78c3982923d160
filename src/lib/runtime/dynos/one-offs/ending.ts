import {EngineError} from '../../../engine/engine.js'
import {doneWithin} from '../../support/clock.js'
import {type DynoContext, say} from '../context.js'
import {exited} from '../lifecycle/exit.js'
import {stopDyno} from '../lifecycle/stop.js'
import type {LiveDyno} from '../live-dynos.js'

const hangUpEveryMs = 5000

/** The end of a one-off dyno, whatever its status: it is complete, and its container goes. */
export async function complete(context: DynoContext, dyno: LiveDyno, {code}: {code: number}): Promise<void> {
  if (dyno.engineId === undefined) dyno.outputEnded.resolve()
  await exited(context, dyno, {code, at: context.clock.now()})
  if (context.signal.aborted) return
  say(context, dyno, `State changed from ${dyno.state} to complete`)
  if (dyno.engineId !== undefined) await context.engine.remove(dyno.engineId)
  context.live.remove(dyno)
}

/** What a start that failed means for a one-off dyno: the shell's status when there is one. */
export function outcome(context: DynoContext, dyno: LiveDyno, error: unknown): {code: number} {
  if (error instanceof EngineError && error.code === 'exec_failed') return {code: error.exitCode ?? 126}
  say(context, dyno, `Error R99 (Platform error) -> ${error instanceof Error ? error.message : String(error)}`)
  return {code: 1}
}

/** The client is gone: SIGHUP to every process, again every 5 s while it does not help (R16). */
export async function hangUp(context: DynoContext, dyno: LiveDyno): Promise<void> {
  say(context, dyno, 'Client connection closed. Sending SIGHUP to all processes')
  for (let times = 0; dyno.exit === undefined && dyno.engineId !== undefined && !context.signal.aborted; times += 1) {
    if (times === 1)
      say(
        context,
        dyno,
        'Error R16 (Detached) -> An attached process is not responding to SIGHUP after its external connection was closed.',
      )
    await context.engine.kill(dyno.engineId, 'SIGHUP')
    await endedOrAfter(context, dyno, hangUpEveryMs)
  }
}

/** Stops the dyno when its time to live is over. */
export async function limitLife(context: DynoContext, dyno: LiveDyno, ms: number): Promise<void> {
  await endedOrAfter(context, dyno, ms)
  if (dyno.exit === undefined && !context.signal.aborted) await stopDyno(context, dyno)
}

async function endedOrAfter(context: DynoContext, dyno: LiveDyno, ms: number): Promise<void> {
  await doneWithin(context.clock, ms, dyno.ended.promise, context.signal).catch(() => undefined)
}
