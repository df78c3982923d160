import type {DynoContext} from './context.js'
import {appLabels, networkLabels} from './spec.js'

/** An app that is destroyed gets no 30 s: what it runs would write into add-ons that are going too. */
const graceSeconds = 5

/** Stops and removes every container of the app, and its network unless something else still uses it. */
export async function removeApp(context: DynoContext, appId: string): Promise<void> {
  const {engine, live, condemned} = context
  const dynos = live.ofApp(appId)
  for (const dyno of dynos) dyno.stopping = true
  await context.changed(appId)
  const containers = await engine.observe(appLabels(context, appId))
  await Promise.all(containers.map(one => engine.stop(one.id, {graceSeconds})))
  await engine.removeAll(appLabels(context, appId))
  for (const dyno of dynos) {
    condemned.forget(dyno.container)
    dyno.ended.resolve(143)
  }
  live.removeApp(appId)
  await engine.removeAll(networkLabels(context, appId)).catch((error: unknown) => {
    context.log.debug('the network of a removed app is still in use', {appId, error})
  })
}
