import {EngineError} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'
import {apiNotice} from '../support/log-sink.js'
import type {AddonRecord} from './addons.js'
import {certified} from './credentials.js'
import {hostPortFor} from './naming.js'
import {attachedApps, attachedAs, known, oweEach, type Parts, partnerUser} from './parts.js'
import {seed} from './seeding.js'
import {notKept} from './snapshots.js'

export type Provisioning = ReturnType<typeof provisioning>

/** The background half of the add-ons: makes what is wanted true in the engine, now and at every start of the runtime. */
export function provisioning(parts: Parts) {
  const {rows, queues, instances} = parts
  const jobs = addonJobs(parts)
  const failures = new Map<string, string>()

  const provision = (addonId: string): Promise<void> =>
    jobs.run(addonId, async signal => {
      try {
        if (await runAs(parts, addonId, 'provisioning', signal)) await complete(parts, addonId)
      } catch (error) {
        if (signal.aborted) throw error
        failures.set(addonId, (error as Error).message)
        await giveUp(parts, addonId, error as Error)
      }
    })

  const deprovision = (addonId: string): Promise<void> => {
    jobs.cancel(addonId)
    return queues.run(addonId, async () => {
      const addon = rows.addon(addonId)
      if (addon === undefined) return
      // One that could not be provisioned has no data of anybody's.
      if (addon.state === 'deprovisioning') await keep(parts, addon, jobs.closing)
      await instances.remove(addonId)
      rows.deleteAddon(addonId)
    })
  }

  const ensure = (addonId: string): Promise<void> =>
    jobs.run(addonId, async signal => {
      await runAs(parts, addonId, 'provisioned', signal)
    })

  return {
    provision,
    /** Removes container, data and row, once the data is kept. Rejects when the engine does not answer; the next start tries again. */
    deprovision,
    /** Makes the container of a provisioned add-on what its record says. */
    ensure,
    failure: (addonId: string) => failures.get(addonId),
    /** Compares what is wanted with what is, starts the work in the background, resolves when it is known what to do. */
    async start(): Promise<void> {
      await removeOrphans(parts)
      await jobs.first(() => parts.snapshots.sweep())
      const next = {provisioning: provision, provisioned: ensure, deprovisioning: deprovision, deprovisioned: deprovision}
      for (const addon of rows.addons())
        void next[addon.state](addon.id).catch((error: unknown) => parts.log.error('add-on not reconciled', {addon: addon.name, error}))
      void parts.owed.settleAll()
      jobs.watchOnce(signal => watchServers(parts, ensure, signal))
    },
    idle: () => queues.idle(),
    close: () => jobs.close(),
  }
}

/** An add-on whose container was removed or stopped by somebody else is started again; one that only crashed Docker restarts itself. */
async function watchServers(parts: Parts, ensure: (addonId: string) => Promise<void>, signal: AbortSignal): Promise<void> {
  const look = async (addonId: string): Promise<void> => {
    await parts.clock.sleep(restartMs, signal)
    if (parts.rows.addon(addonId)?.state === 'provisioned' && !(await parts.instances.runs(addonId))) await ensure(addonId)
  }
  for await (const event of parts.instances.events(signal)) {
    const ids =
      event.type === 'resync'
        ? parts.rows.addons().map(addon => addon.id)
        : event.type === 'die' || event.type === 'destroy'
          ? [event.labels[label.addon]]
          : []
    for (const id of ids)
      if (id !== undefined) look(id).catch(error => signal.aborted || parts.log.error('add-on not looked at', {addon: id, error}))
  }
}

/** How long an engine may take to start a container again by itself, in ms. */
const restartMs = 2000

/** Cancellable work on add-ons, one piece at a time for each. What fails is logged here, unless it was cancelled. */
function addonJobs({queues, log}: Parts) {
  const closing = new AbortController()
  const running = new Map<string, AbortController>()
  let watching = false
  let begun: Promise<void> | undefined
  return {
    closing: closing.signal,
    /** Does it the first time it is called. */
    first: (work: () => Promise<void>): Promise<void> => (begun ??= work()),
    /** Begins background work that lasts until the runtime closes, the first time it is called. */
    watchOnce(work: (signal: AbortSignal) => Promise<void>): void {
      if (watching) return
      watching = true
      work(closing.signal).catch(error => closing.signal.aborted || log.error('add-ons are not watched', {error}))
    },
    run: (addonId: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> =>
      queues.run(addonId, async () => {
        const job = new AbortController()
        running.set(addonId, job)
        const signal = AbortSignal.any([job.signal, closing.signal])
        try {
          if (!signal.aborted) await work(signal)
        } catch (error) {
          if (!signal.aborted) log.error('add-on work failed', {addon: addonId, error})
        } finally {
          running.delete(addonId)
        }
      }),
    cancel: (addonId: string) => running.get(addonId)?.abort(new Error('the add-on is being destroyed')),
    async close(): Promise<void> {
      closing.abort(new Error('the runtime is closing'))
      await queues.idle()
    },
  }
}

/** Whether it runs and serves now; false when its state is no longer the one that called for it. Tries again where that may help. */
async function runAs(parts: Parts, addonId: string, state: AddonRecord['state'], signal: AbortSignal): Promise<boolean> {
  let seeded = false
  for (let attempt = 1; ; attempt += 1) {
    const addon = parts.rows.addon(addonId)
    if (addon?.state !== state) return false
    try {
      const knows = known(parts, certified(parts, addon))
      if (knows.service.manifest.local.server === 'runtime') return true
      if (state === 'provisioning' && !seeded) await seed(parts, addon, await parts.images.ensure(knows.service, signal))
      seeded = true
      await parts.instances.run(knows, attachedApps(parts, addonId), signal)
      return true
    } catch (error) {
      if (signal.aborted) throw error
      await recover(parts, addon, error, attempt, signal)
    }
  }
}

/** Prepares another attempt, or throws the error on. A port is kept for good once config vars with it have been handed out. */
async function recover(parts: Parts, addon: AddonRecord, error: unknown, attempt: number, signal: AbortSignal): Promise<void> {
  const code = error instanceof EngineError ? error.code : undefined
  if (code === 'port_taken' && addon.state === 'provisioning' && attempt < 20) {
    const hostPort = hostPortFor(parts.rows.hostPorts(), parts.random)
    parts.rows.updateAddon(addon.id, {hostPort}, parts.clock.now())
    return
  }
  // An engine that is away comes back; anything else gets two more chances.
  if (code !== 'unavailable' && (attempt >= 3 || code === 'build_failed' || code === 'pull_failed')) throw error
  parts.log.info('add-on attempt failed', {addon: addon.name, attempt, error})
  await parts.clock.sleep(code === 'unavailable' ? 5000 : 1000 * attempt, signal)
}

async function complete(parts: Parts, addonId: string): Promise<void> {
  const apps = parts.rows.transaction(() => {
    const addon = parts.rows.addon(addonId)
    if (addon?.state !== 'provisioning') return []
    parts.rows.updateAddon(addonId, {state: 'provisioned'}, parts.clock.now())
    const describe = (appId: string): string =>
      `@ref:${addon.name} completed provisioning, setting ${attachedAs(parts, addon, appId).configVars.join(', ')}.`
    return oweEach(parts, addon, partnerUser(addon), true, describe)
  })
  // The release may have to wait for another one of that app; the add-on itself is ready.
  for (const appId of apps) void parts.owed.settle(appId).catch((error: unknown) => parts.log.error('owed release not cut', {appId, error}))
}

/** Heroku's way with an add-on that could not be made: detached and deprovisioned, and the app's log says why. */
async function giveUp(parts: Parts, addonId: string, error: Error): Promise<void> {
  const addon = parts.rows.addon(addonId)
  if (addon?.state !== 'provisioning') return
  parts.log.error('add-on could not be provisioned', {addon: addon.name, error})
  const apps = parts.rows.transaction(() => {
    parts.rows.updateAddon(addonId, {state: 'deprovisioned'}, parts.clock.now())
    const describe = (appId: string): string => `Detach ${attachedAs(parts, addon, appId).names.join(', ')} (@ref:${addon.name})`
    const owing = oweEach(parts, addon, partnerUser(addon), true, describe)
    for (const one of parts.rows.attachmentsTo(addonId)) parts.rows.deleteAttachment(one.id)
    return owing
  })
  const notice = `@ref:${addon.name} failed to provision: ${error.message}`
  for (const appId of apps) parts.logs.append(appId, apiNotice(parts.clock.now(), notice))
  await parts.instances.remove(addonId)
  for (const appId of apps) await parts.owed.settle(appId)
}

/** Its data outlives it for a week. Throws what says that it could not be kept. */
async function keep(parts: Parts, addon: AddonRecord, signal: AbortSignal): Promise<void> {
  const {service} = known(parts, addon)
  if (service.manifest.local.server === 'runtime') return
  try {
    await parts.instances.halt(addon.id)
    await parts.snapshots.take(addon, parts.resolveApp(addon.appId).name, service, signal)
  } catch (error) {
    throw notKept(addon, error)
  }
}

/** Containers of this home whose add-on is in no record, as after an older store was put back. Their data stays where it is. */
async function removeOrphans(parts: Parts): Promise<void> {
  const wanted = new Set(parts.rows.addons().map(addon => addon.id))
  for (const id of await parts.instances.present())
    if (!wanted.has(id)) {
      parts.log.info('removing the server of an add-on without a record', {addon: id, kept: parts.names.addonVolume(id)})
      await parts.instances.removeServer(id)
    }
}
