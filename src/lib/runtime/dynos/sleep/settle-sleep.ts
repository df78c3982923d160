import {type DynoContext, say} from '../context.js'
import type {DesiredDyno} from '../desired.js'
import type {WantedApp} from '../dyno-manager.js'
import {freshDyno} from '../lifecycle/start.js'
import {sleepers, sleepKey} from './eco.js'
import type {Sleep} from './sleeps.js'

/** Names of the dynos that sleep now; a sleep that is not about what is wanted any more is forgotten. */
export function sleeping(context: DynoContext, wanted: WantedApp | undefined): ReadonlySet<string> {
  return new Set(asleep(context, wanted)?.dynos.map(({name}) => name))
}

/** Shows as idle what sleeps, and only that. Those that still run are stopped by the plan. */
export function settleSleep(context: DynoContext, appId: string, wanted: WantedApp | undefined): void {
  const now = asleep(context, wanted)
  const shown = context.live.formation(appId).filter(({state}) => state === 'idle')
  const names = new Set(now?.dynos.map(({name}) => name))
  for (const dyno of shown.filter(({name}) => !names.has(name))) context.live.remove(dyno)
  const missing = now?.dynos.filter(({name}) => !shown.some(one => one.name === name)) ?? []
  if (wanted !== undefined && now !== undefined) for (const dyno of missing) show(context, wanted, dyno, now.sleep)
  if (missing.length > 0 || shown.length > names.size) void context.changed(appId)
}

function asleep(context: DynoContext, wanted: WantedApp | undefined): {dynos: DesiredDyno[]; sleep: Sleep} | undefined {
  const sleep = wanted === undefined ? undefined : context.sleeps.of(wanted.app.id)
  if (wanted === undefined || sleep === undefined) return undefined
  const dynos = sleepers(wanted)
  if (dynos.length > 0 && sleepKey(dynos) === sleep.key) return {dynos, sleep}
  context.sleeps.forget(wanted.app.id)
  return undefined
}

/** What runs says that it goes; a dyno that slept before this runtime began has said so. */
function show(context: DynoContext, {app, release, slug}: WantedApp, {name, type, size, command, want}: DesiredDyno, {since}: Sleep): void {
  const running = context.live.formation(app.id).find(one => one.name === name && (one.state === 'up' || one.state === 'starting'))
  if (running !== undefined) {
    say(context, running, 'Idling')
    say(context, running, `State changed from ${running.state} to down`)
  }
  const dyno = context.live.add(freshDyno(context, app, release, {name, type, size, command, want, stack: slug?.stack ?? ''}))
  dyno.state = 'idle'
  dyno.since = since
  dyno.outputEnded.resolve()
}
