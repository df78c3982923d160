import {EngineError} from '../../engine/engine.js'
import {PlatformError} from '../../schema/errors.js'
import type {AddonRecord} from './addons.js'
import {equipped} from './credentials.js'
import {poolNamespace, tellFollowers} from './following.js'
import {hostPortFor} from './naming.js'
import {pageOf} from './page.js'
import {known, type Parts, reachedApps} from './parts.js'
import {givePoolPort} from './pooling.js'
import {seed} from './seeding.js'
import type {AddonServer} from './servers.js'
import {notKept} from './snapshots.js'
import {addressFor, configVarsFor, poolAddressFor, poolHostPort} from './templates.js'

/** A container for each add-on, with a volume that outlives it. */
export function containerServer(parts: Parts): AddonServer {
  return {
    async serve(addonId, state, signal) {
      await run(parts, addonId, state, signal)
      await tellFollowers(parts, addonId)
      return 'done'
    },
    async end(addon, signal) {
      // One that could not be provisioned has no data of anybody's.
      if (addon.state === 'deprovisioning') await keep(parts, addon, signal)
      await parts.instances.remove(addon.id)
      return 'done'
    },
    async changePlan(addon, plan) {
      parts.rows.updateAddon(addon.id, {plan}, parts.clock.now())
    },
    configVars({name, namespace}, {addon, service, plan}, view) {
      const address = namespace === poolNamespace ? poolAddressFor : addressFor
      return configVarsFor(name, addon, service, plan, address(addon, service, view))
    },
    page: addon => pageOf(parts, addon),
    webUrl(addon) {
      const {page} = known(parts, addon).service.manifest.local
      return page === undefined || addon.pagePort === undefined ? undefined : `http://127.0.0.1:${addon.pagePort}${page.path}`
    },
  }
}

/** Resolves when it runs and serves, or its state is no longer the one that called for it. Tries again where that may help. */
async function run(parts: Parts, addonId: string, state: AddonRecord['state'], signal: AbortSignal): Promise<void> {
  let seeded = false
  for (let attempt = 1; ; attempt += 1) {
    const addon = parts.rows.addon(addonId)
    if (addon?.state !== state) return
    try {
      const knows = known(parts, equipped(parts, paged(parts, addon)))
      if (state === 'provisioning' && !seeded) await seed(parts, addon, await parts.images.ensure(knows.service, signal))
      seeded = true
      await parts.instances.run(knows, reachedApps(parts, addon), signal)
      return
    } catch (error) {
      if (signal.aborted) throw error
      await recover(parts, addon, error, attempt, signal)
    }
  }
}

/** The add-on with a port for its page, where its service has one. Config vars may name it, so it stays. */
function paged(parts: Parts, addon: AddonRecord): AddonRecord {
  if (known(parts, addon).service.manifest.local.page === undefined || addon.pagePort !== undefined) return addon
  const pagePort = hostPortFor(parts.rows.hostPorts(), parts.random)
  parts.rows.updateAddon(addon.id, {pagePort}, parts.clock.now())
  return {...addon, pagePort}
}

/** Prepares another attempt, or throws the error on. A port is kept for good once config vars with it have been handed out. */
async function recover(parts: Parts, addon: AddonRecord, error: unknown, attempt: number, signal: AbortSignal): Promise<void> {
  const code = error instanceof EngineError ? error.code : undefined
  if (code === 'port_taken' && addon.state === 'provisioning' && attempt < 20) {
    const taken = parts.rows.hostPorts()
    const hostPort = hostPortFor(taken, parts.random)
    const pagePort = parts.rows.addon(addon.id)?.pagePort === undefined ? {} : {pagePort: hostPortFor([...taken, hostPort], parts.random)}
    parts.rows.updateAddon(addon.id, {hostPort, ...pagePort}, parts.clock.now())
    return
  }
  // No dyno knows that one.
  if (code === 'port_taken' && poolHostPort(addon) !== undefined && attempt < 20) return givePoolPort(parts, addon)
  // An engine that is away comes back, and a server that the data comes from mostly; anything else gets two more chances.
  const chances = error instanceof PlatformError && error.id === 'service_unavailable' ? 10 : 3
  if (code !== 'unavailable' && (attempt >= chances || code === 'build_failed' || code === 'pull_failed')) throw error
  parts.log.info('add-on attempt failed', {addon: addon.name, attempt, error})
  await parts.clock.sleep(code === 'unavailable' ? 5000 : 1000 * attempt, signal)
}

/** Its data outlives it for a week. Throws what says that it could not be kept. */
async function keep(parts: Parts, addon: AddonRecord, signal: AbortSignal): Promise<void> {
  const {service} = known(parts, addon)
  try {
    await parts.instances.halt(addon.id)
    await parts.snapshots.take(addon, parts.resolveApp(addon.appId).name, service, signal)
  } catch (error) {
    throw notKept(addon, error)
  }
}
