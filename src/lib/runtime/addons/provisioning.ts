import {label} from '../../engine/labels.js'
import {apiNotice} from '../support/log-sink.js'
import type {AddonRecord} from './addons.js'
import {tellFollowers} from './following.js'
import {attachedAs, oweEach, type Parts, partnerUser} from './parts.js'
import type {Outcome, Servers} from './servers.js'

export type Provisioning = ReturnType<typeof provisioning>

/** The background half of the add-ons: makes what is wanted true, now and at every start of the runtime. */
export function provisioning(parts: Parts, servers: Servers) {
  const {rows, queues} = parts
  const jobs = addonJobs(parts)
  const failures = new Map<string, Error>()

  const fail = async (addonId: string, error: Error): Promise<void> => {
    failures.set(addonId, error)
    await giveUp(parts, servers, addonId, error, jobs.closing)
  }

  const provision = (addonId: string): Promise<void> =>
    jobs.run(addonId, async signal => {
      const addon = rows.addon(addonId)
      if (addon === undefined) return
      try {
        const outcome = await servers.of(addon).serve(addonId, 'provisioning', signal)
        if (outcome === 'done') await complete(parts, addonId)
        else overdue(parts, jobs, addon, outcome, () => fail(addonId, new Error(`${addon.service} did not say in time that it is ready`)))
      } catch (error) {
        if (signal.aborted) throw error
        await fail(addonId, error as Error)
      }
    })

  const deprovision = (addonId: string): Promise<void> => {
    jobs.cancel(addonId)
    return queues.run(addonId, () => remove(parts, servers, jobs, addonId))
  }

  const ensure = (addonId: string): Promise<void> =>
    jobs.run(addonId, async signal => {
      const addon = rows.addon(addonId)
      if (addon?.state === 'provisioned') await servers.of(addon).serve(addonId, 'provisioned', signal)
    })

  return {
    provision,
    /** Removes container, data and row, once the data is kept. Rejects when the engine does not answer; the next start tries again. */
    deprovision,
    /** Makes the container of a provisioned add-on what its record says. */
    ensure,
    /** Whoever serves it says that it does, or that it never will. */
    complete: (addonId: string) => complete(parts, addonId),
    giveUp: fail,
    failure: (addonId: string) => failures.get(addonId),
    /** Compares what is wanted with what is, starts the work in the background, resolves when it is known what to do. */
    async start(): Promise<void> {
      await removeOrphans(parts)
      await jobs.first(() => begin(parts, servers))
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

/** What is once for a runtime, however often its start is tried. */
async function begin(parts: Parts, servers: Servers): Promise<void> {
  servers.start()
  await parts.snapshots.sweep()
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
function addonJobs({queues, log, closing}: Parts) {
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

/** The record goes when nothing serves it any more. */
async function remove(parts: Parts, servers: Servers, jobs: ReturnType<typeof addonJobs>, addonId: string): Promise<void> {
  const {rows} = parts
  const addon = rows.addon(addonId)
  if (addon === undefined) return
  const outcome = await servers.of(addon).end(addon, jobs.closing)
  if (outcome === 'done') rows.deleteAddon(addonId)
  else overdue(parts, jobs, addon, outcome, async () => void rows.deleteAddon(addonId))
  if (addon.options['follow'] !== undefined) await tellFollowers(parts, addon.options['follow'])
}

/** Waits in the background until whoever serves an add-on should have spoken; one that is no longer in that state needs nothing then. */
function overdue(
  {clock, log, rows}: Parts,
  jobs: ReturnType<typeof addonJobs>,
  {id, state}: AddonRecord,
  {later}: Exclude<Outcome, 'done'>,
  then: () => Promise<void>,
): void {
  clock
    .sleep(Math.max(0, later.getTime() - clock.now().getTime()), jobs.closing)
    .then(() => jobs.run(id, async () => (rows.addon(id)?.state === state ? await then() : undefined)))
    .catch(error => jobs.closing.aborted || log.error('add-on not given up', {addon: id, error}))
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
async function giveUp(parts: Parts, servers: Servers, addonId: string, error: Error, signal: AbortSignal): Promise<void> {
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
  await servers.of(addon).end({...addon, state: 'deprovisioned'}, signal)
  if (addon.options['follow'] !== undefined) await tellFollowers(parts, addon.options['follow'])
  for (const appId of apps) await parts.owed.settle(appId)
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
