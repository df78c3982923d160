import type {ObservedContainer} from '../../../engine/engine.js'
import {label} from '../../../engine/labels.js'
import {background, type DynoContext} from '../context.js'
import type {LiveDyno} from '../live-dynos.js'
import {complete, hangUp, limitLife} from './ending.js'

/** A one-off dyno of before the runtime started runs on to its end; one that had a client has lost it. */
export function adoptOneOff(context: DynoContext, dyno: LiveDyno, container: ObservedContainer): void {
  dyno.state = 'up'
  if (container.labels[label.oneOff] === 'attached' && container.state === 'running')
    background(context, `hanging up ${dyno.container}`, hangUp(context, dyno))
  const expires = new Date(container.labels[label.expires] ?? 0).getTime() - context.clock.now().getTime()
  background(context, `limiting ${dyno.container}`, limitLife(context, dyno, Math.max(expires, 0)))
  background(context, `running ${dyno.container}`, untilItsEnd(context, dyno, container.id))
}

async function untilItsEnd(context: DynoContext, dyno: LiveDyno, id: string): Promise<void> {
  await complete(context, dyno, {code: await context.engine.wait(id, context.signal)})
}
