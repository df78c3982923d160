import type {ObservedContainer} from '../../engine/engine.js'
import {reconcile} from './adopt.js'
import type {DynoContext} from './context.js'
import {coolsOff} from './crash-policy.js'
import {desiredDynos} from './desired.js'
import type {WantedApp} from './dyno-manager.js'
import {execute} from './execute.js'
import {type ObservedDyno, type Op, planDynos, printOps} from './plan.js'
import {settleSleep, sleeping} from './sleep/settle-sleep.js'
import {appLabels} from './spec.js'

/** One convergence of an app: desired − observed = plan → execute. Runs in the app's queue. */
export async function convergeApp(context: DynoContext, appId: string, because: string): Promise<void> {
  const wanted = context.wanted.wanted(appId)
  const before = context.live.allPresent()
  const containers = await context.engine.observe(appLabels(context, appId))
  await reconcile(context, {id: appId, wanted}, containers, before)
  settleSleep(context, appId, wanted)
  const ops = planFor(context, appId, wanted, because)
  if (ops.length > 0) context.log.debug(`plan for ${wanted?.app.name ?? appId} (${because})\n${printOps(ops)}`)
  await execute(context, wanted, ops)
  if (wanted !== undefined) context.crashes.prune(appId, wanted.release.id, new Set(desiredDynos(wanted).map(one => one.name)))
}

/** The plan from what is live now. */
export function planFor(context: DynoContext, appId: string, wanted: WantedApp | undefined, because: string): Op[] {
  const crashes = wanted === undefined ? undefined : context.crashes.of(appId, wanted.release.id)
  const now = context.clock.now()
  const held = [...(crashes ?? [])].filter(([, crash]) => coolsOff(crash, now)).map(([dyno]) => dyno)
  return planDynos(wanted === undefined ? [] : desiredDynos(wanted), observedDynos(context, appId), {
    because,
    held: new Set(held),
    types: new Set(Object.keys(wanted?.slug?.processTypes ?? {})),
    known: context.live.known(appId),
    idle: sleeping(context, wanted),
  })
}

/** When the next dyno that crashed is due; undefined when none waits. */
export function nextRestart(context: DynoContext, appId: string): Date | undefined {
  const wanted = context.wanted.wanted(appId)
  if (wanted === undefined) return undefined
  const now = context.clock.now()
  const due = [...context.crashes.of(appId, wanted.release.id).values()].filter(one => coolsOff(one, now)).map(one => one.restartAt)
  return due.sort((a, b) => a.getTime() - b.getTime())[0]
}

/** Containers by the app they belong to. */
export function byApp(containers: ObservedContainer[], appLabel: string): Map<string, ObservedContainer[]> {
  const apps = new Map<string, ObservedContainer[]>()
  for (const container of containers) {
    const appId = container.labels[appLabel]
    if (appId !== undefined) apps.set(appId, [...(apps.get(appId) ?? []), container])
  }
  return apps
}

function observedDynos(context: DynoContext, appId: string): ObservedDyno[] {
  const there = context.live.formation(appId).filter(dyno => dyno.state !== 'idle')
  return there.map(dyno => ({
    container: dyno.container,
    dyno: dyno.name,
    type: dyno.type,
    size: dyno.size,
    version: dyno.release.version,
    want: dyno.want,
    state: dyno.state as ObservedDyno['state'],
    condemned: context.condemned.of(dyno.container),
    createdAt: dyno.createdAt,
  }))
}
