import {background, type DynoContext} from './context.js'
import type {WantedApp} from './dyno-manager.js'
import {startDyno} from './lifecycle/start.js'
import {removeDyno, stopDyno} from './lifecycle/stop.js'
import type {Op} from './plan.js'

/**
 * Does what the plan says, one engine call per op. Resolves when every start has been made; a stop goes on for up to 30 s and waits for
 * nobody, since what is stopping counts in no later plan.
 */
export async function execute(context: DynoContext, wanted: WantedApp | undefined, ops: Op[]): Promise<void> {
  for (const op of ops) if (op.op === 'stop') stop(context, op.container)
  await Promise.all(ops.filter(op => op.op === 'remove').map(op => remove(context, op.container)))
  if (wanted === undefined) return
  const starts = ops.filter(op => op.op === 'start').map(op => startDyno(context, wanted, op.dyno, op.from))
  const failed = (await Promise.allSettled(starts)).find(one => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

function stop(context: DynoContext, container: string): void {
  const dyno = context.live.find(container)
  if (dyno !== undefined) background(context, `stopping ${container}`, stopDyno(context, dyno))
}

async function remove(context: DynoContext, container: string): Promise<void> {
  const dyno = context.live.find(container)
  if (dyno !== undefined) await removeDyno(context, dyno)
}
