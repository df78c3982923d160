import {EngineError} from '../../../engine/engine.js'
import {defaultDynoSize, findDynoSize} from '../../../schema/dyno-sizes.js'
import {doneWithin} from '../../support/clock.js'
import {type DynoContext, enter, say} from '../context.js'
import {afterCrash} from '../crash-policy.js'
import type {LiveDyno} from '../live-dynos.js'

export interface Exit {
  code: number
  at: Date
  outOfMemory?: boolean
}

/** How long the end of the output may take to arrive after the end of the process, so that the log keeps their order. */
const lastWordsMs = 1000
/** How often an engine that is away is asked again. */
const engineAwayMs = 1000

/** Handles the end of a dyno's process, once: any end of a formation dyno that nobody asked for is a crash, exit 0 too, unless the engine ended. */
export function exited(context: DynoContext, dyno: LiveDyno, exit: Exit): Promise<void> {
  dyno.exit ??= ended(context, dyno, exit)
  return dyno.exit
}

async function ended(context: DynoContext, dyno: LiveDyno, {code, at, outOfMemory}: Exit): Promise<void> {
  await doneWithin(context.clock, lastWordsMs, dyno.outputEnded.promise)
  if (context.signal.aborted) return
  if (outOfMemory === true) overQuota(context, dyno)
  say(context, dyno, `Process exited with status ${code}`)
  dyno.address = undefined
  if (dyno.want !== undefined && !dyno.stopping) await fell(context, dyno, at)
  dyno.ended.resolve(code)
}

/**
 * The status of a process, once it has ended; one whose container was removed by force was killed. An engine that goes away is
 * waited for: whoever needs the status, a release for one, must get it.
 */
export async function endOf(context: DynoContext, id: string): Promise<{code: number}> {
  for (;;) {
    try {
      return {code: await context.engine.wait(id, context.signal)}
    } catch (error) {
      const code = error instanceof EngineError ? error.code : undefined
      if (code === 'not_found') return {code: 137}
      if (code !== 'unavailable') throw error
      await context.clock.sleep(engineAwayMs, context.signal)
    }
  }
}

/** Logs Error R15, once per dyno. A dyno never swaps, so what it had was all of its quota. */
export function overQuota(context: DynoContext, dyno: LiveDyno): void {
  if (dyno.outOfMemory) return
  dyno.outOfMemory = true
  const size = findDynoSize(dyno.size) ?? findDynoSize(defaultDynoSize)!
  say(context, dyno, `Process running mem=${Math.round(size.memoryBytes / 2 ** 20)}M(100.0%)`)
  say(context, dyno, 'Error R15 (Memory quota vastly exceeded)')
}

/** A dyno that ended because its engine did has not crashed: it is started again as soon as it can be, however often that happens. */
async function fell(context: DynoContext, dyno: LiveDyno, at: Date): Promise<void> {
  const withEngine = await context.outage.explains(at)
  if (dyno.stopping || context.signal.aborted) return
  if (!withEngine) return crashed(context, dyno, at)
  enter(context, dyno, 'down')
  void context.changed(dyno.appId)
  context.convergeSoon(dyno.appId, `${dyno.name} ended with the engine`)
}

function crashed(context: DynoContext, dyno: LiveDyno, at: Date): void {
  const upSince = dyno.state === 'up' ? dyno.since : undefined
  const before = context.crashes.of(dyno.appId, dyno.release.id).get(dyno.name)
  enter(context, dyno, 'crashed')
  context.crashes.record(dyno.appId, dyno.name, dyno.release.id, afterCrash(before, upSince, at))
  void context.changed(dyno.appId)
  context.convergeSoon(dyno.appId, `${dyno.name} crashed`)
}
