import {type DynoContext, say} from '../context.js'
import type {LiveDyno} from '../live-dynos.js'
import {appLabels} from '../spec.js'

/** A container that ends leaves its networks just before it says so: only one that goes on after this many ms was cut off. */
const endingMs = 500

/** Somebody paused a dyno's container: it must run, so it goes on. */
export async function goOn(context: DynoContext, dyno: LiveDyno, id: string): Promise<void> {
  say(context, dyno, 'Process was paused from outside. Resuming')
  await context.engine.resume(id)
}

/** A dyno that somebody took off its app's network joins it again, perhaps under another address. Nothing happens to one that ends. */
export async function rejoin(context: DynoContext, dyno: LiveDyno): Promise<void> {
  const goesOn = (): boolean => dyno.exit === undefined && !dyno.stopping && !context.signal.aborted
  await context.clock.sleep(endingMs, context.signal).catch(() => undefined)
  if (!goesOn() || dyno.engineId === undefined) return
  const network = context.names.network(dyno.appId)
  const observed = async () => (await context.engine.observe(appLabels(context, dyno.appId))).find(one => one.id === dyno.engineId)
  const before = await observed()
  if (before?.state !== 'running' || before.addresses[network] !== undefined || !goesOn()) return
  say(context, dyno, 'Process was cut off from its network. Reconnecting')
  await context.engine.connect(before.id, network, [])
  const address = (await observed())?.addresses[network]
  if (address === undefined || !goesOn()) return
  dyno.address = address
  await context.changed(dyno.appId)
}
