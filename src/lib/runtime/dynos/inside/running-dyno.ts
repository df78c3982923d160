import {notFound} from '../../../schema/errors.js'
import type {DynoContext} from '../context.js'
import type {LiveDyno} from '../live-dynos.js'

/** A dyno by name or id, with a process that runs; of two releases the one that is looked for last. Throws not_found. */
export function runningDyno(context: DynoContext, appId: string, nameOrId: string): LiveDyno & {engineId: string} {
  const fits = (one: LiveDyno): one is LiveDyno & {engineId: string} =>
    (one.name === nameOrId || one.id === nameOrId) && one.exit === undefined && !one.stopping && one.engineId !== undefined
  const dyno = context.live.ofApp(appId).findLast(fits)
  if (dyno === undefined) throw notFound('dyno')
  return dyno
}
