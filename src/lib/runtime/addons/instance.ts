import {createHash} from 'node:crypto'
import type {ContainerSpec, Engine, ObservedContainer, Session, TtySize} from '../../engine/engine.js'
import {EngineError} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'
import type {AddonPlan} from '../../schema/addon-manifest.js'
import {PlatformError} from '../../schema/errors.js'
import type {Clock} from '../support/clock.js'
import type {EngineNames} from '../support/names.js'
import type {AddonRecord} from './addons.js'
import type {CatalogueService} from './catalogue.js'
import type {AddonImages} from './images.js'
import {hostOf} from './naming.js'
import {environmentFor, hostnamesFor, poolHostPort} from './templates.js'

/** One add-on with what the catalogue says of it. */
export interface KnownAddon {
  addon: AddonRecord
  service: CatalogueService
  plan: AddonPlan
  /** Of a follower. */
  leader?: AddonRecord
}

interface InstanceDeps {
  engine: Engine
  images: AddonImages
  names: EngineNames
  /** The home's id. */
  home: string
  clock: Clock
}

export type Instances = ReturnType<typeof addonInstances>

/** The containers of add-ons: one each, with a volume each. Everything is idempotent. */
export function addonInstances(deps: InstanceDeps) {
  const {engine, names, home} = deps
  const labels = (addonId: string): Record<string, string> => ({...kindLabels(home), [label.addon]: addonId})
  const find = async (addonId: string): Promise<ObservedContainer | undefined> => (await engine.observe(labels(addonId)))[0]
  const network = async (appId: string): Promise<string> => {
    await engine.ensureNetwork(names.network(appId), {[label.home]: home, [label.kind]: 'network', [label.app]: appId})
    return names.network(appId)
  }
  return {
    /** Image, volume, networks, container, health: resolves when it serves. EngineError('port_taken') asks for another host port. */
    async run(known: KnownAddon, appIds: string[], signal: AbortSignal): Promise<void> {
      const {addon} = known
      const image = await deps.images.ensure(known.service, signal)
      await ensureVolume(deps, addon.id)
      if (known.service.manifest.local.archive !== undefined) await engine.ensureVolume(names.addonArchive(addon.id), labels(addon.id))
      await network(addon.appId)
      const spec = containerSpec(known, image, names, labels(addon.id))
      const present = await find(addon.id)
      // A runtime that was killed while it read the data.
      if (present?.state === 'paused') await engine.resume(present.id)
      await makeWay(engine, spec, present)
      const {id} = await engine.start(spec)
      for (const appId of appIds) if (appId !== addon.appId) await engine.connect(id, await network(appId), hostnamesFor(known))
      await leaveOthers(engine, await find(addon.id), [addon.appId, ...appIds].map(names.network))
      await healthy(deps, known, id, () => find(addon.id), signal)
    },
    async join(known: KnownAddon, appId: string): Promise<void> {
      const container = await find(known.addon.id)
      if (container !== undefined) await engine.connect(container.id, await network(appId), hostnamesFor(known))
    },
    /** It stays in its own app's network. */
    async leave(addon: AddonRecord, appId: string): Promise<void> {
      const container = appId === addon.appId ? undefined : await find(addon.id)
      if (container !== undefined) await engine.disconnect(container.id, names.network(appId))
    },
    /** Container and data: for what has a snapshot, or was never handed out. */
    async remove(addonId: string): Promise<void> {
      // What a runtime that was killed had reading or filling the volume holds on to it.
      await engine.removeAll({...labels(addonId), [label.kind]: 'reader'})
      await engine.removeAll(labels(addonId))
    },
    /** The data stays. */
    async removeServer(addonId: string): Promise<void> {
      for (const {id} of await engine.observe(labels(addonId))) await engine.remove(id)
    },
    /** Whether it runs, or the engine is about to start it again. */
    async runs(addonId: string): Promise<boolean> {
      const state = (await find(addonId))?.state
      return state === 'running' || state === 'restarting'
    },
    events: (signal: AbortSignal) => engine.events(kindLabels(home), signal),
    /** Ids of add-ons that have a container in this engine. */
    async present(): Promise<string[]> {
      const containers = await engine.observe(kindLabels(home))
      return [...new Set(containers.map(container => container.labels[label.addon]).filter(id => id !== undefined))]
    },
    ...insides(engine, find),
  }
}

/** What is done inside a running server. */
function insides(engine: Engine, find: (addonId: string) => Promise<ObservedContainer | undefined>) {
  const running = async (addon: AddonRecord): Promise<ObservedContainer> => {
    const found = await find(addon.id)
    if (found?.state === 'running') return found
    throw new PlatformError('service_unavailable', `${addon.name} is not running. Try again in a moment.`, {resource: 'add_on'})
  }
  return {
    /** The output of a command inside. Throws invalid_params with what it says when it ends with 64 (EX_USAGE), else service_unavailable when it fails. */
    async ask(addon: AddonRecord, command: string[]): Promise<string> {
      const {id} = await running(addon)
      const {exitCode, stdout, stderr} = await engine.exec(id, command)
      if (exitCode === 0) return stdout.toString()
      if (exitCode === 64) throw new PlatformError('invalid_params', stderr.toString().trim(), {resource: 'add_on'})
      throw new PlatformError('service_unavailable', `${addon.name} answered: ${stderr.toString().trim() || `exit code ${exitCode}`}`, {
        resource: 'add_on',
      })
    },
    /** Does something while its server stands still; connections wait. */
    async frozen<T>(addonId: string, work: () => Promise<T>): Promise<T> {
      const container = await find(addonId)
      if (container === undefined) return await work()
      await engine.pause(container.id)
      return await work().finally(() => engine.resume(container.id))
    },
    /** The port on 127.0.0.1 that leads to one of the container's. Throws service_unavailable. */
    async publishedPort(addon: AddonRecord, port: number): Promise<number> {
      const found = (await running(addon)).ports[port]
      if (found !== undefined) return found
      throw new PlatformError('service_unavailable', `${addon.name} has not published its port ${port} yet. Try again in a moment.`, {
        resource: 'add_on',
      })
    },
    /** Its server ends, once it has written everything down. */
    async halt(addonId: string): Promise<void> {
      const container = await find(addonId)
      if (container !== undefined) await engine.stop(container.id, {graceSeconds: 60})
    },
    async open(addon: AddonRecord, command: string[], tty: TtySize | undefined): Promise<Session> {
      const {id} = await running(addon)
      return await engine.execAttached(id, command, tty === undefined ? {} : {tty})
    },
  }
}

/** The volume of an add-on, made if need be; its name. */
export async function ensureVolume(
  {engine, names, home}: Pick<InstanceDeps, 'engine' | 'names' | 'home'>,
  addonId: string,
): Promise<string> {
  const volume = names.addonVolume(addonId)
  await engine.ensureVolume(volume, {...kindLabels(home), [label.addon]: addonId})
  return volume
}

function kindLabels(home: string): Record<string, string> {
  return {[label.home]: home, [label.kind]: 'addon'}
}

/** Ends a server that is to be replaced, so that it writes everything down; the engine itself would kill it. */
async function makeWay(engine: Engine, spec: ContainerSpec, present: ObservedContainer | undefined): Promise<void> {
  if (present?.state === 'running' && present.labels[label.want] !== spec.labels[label.want])
    await engine.stop(present.id, {graceSeconds: 60})
}

/** Out of the networks of apps it is not attached to any more: a kill may have come before that was done. */
async function leaveOthers(engine: Engine, container: ObservedContainer | undefined, wanted: string[]): Promise<void> {
  for (const name of Object.keys(container?.addresses ?? {}))
    if (container !== undefined && !wanted.includes(name)) await engine.disconnect(container.id, name)
}

function containerSpec(known: KnownAddon, image: string, names: EngineNames, labels: Record<string, string>): ContainerSpec {
  const spec = bareSpec(known, image, names, labels)
  const want = createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 16)
  return {...spec, labels: {...labels, [label.want]: want}}
}

function bareSpec(known: KnownAddon, image: string, names: EngineNames, labels: Record<string, string>): ContainerSpec {
  const {addon, service, plan} = known
  const {local} = service.manifest
  const pool = poolHostPort(addon)
  return {
    name: names.addonContainer(hostOf(addon)),
    image,
    env: environmentFor(known),
    labels,
    limits: {memoryBytes: plan.limits.memory, cpuShares: 2, pids: 512 + 2 * plan.limits.connections},
    networking: [{network: names.network(addon.appId), aliases: hostnamesFor(known)}],
    mounts: [
      {type: 'volume', volume: names.addonVolume(addon.id), target: local.volume},
      ...(local.archive === undefined ? [] : [{type: 'volume' as const, volume: names.addonArchive(addon.id), target: local.archive}]),
    ],
    publish: [
      {containerPort: local.port, ...(addon.hostPort === undefined ? {} : {hostPort: addon.hostPort})},
      ...(local.page === undefined
        ? []
        : [{containerPort: local.page.port, ...(addon.pagePort === undefined ? {} : {hostPort: addon.pagePort})}]),
      ...(local.pooling === undefined || pool === undefined ? [] : [{containerPort: local.pooling.port, hostPort: pool}]),
    ],
    ...(local.capabilities.length === 0 ? {} : {capabilities: local.capabilities}),
    restart: 'always',
    keepOutput: 'copy',
  }
}

/**
 * Between two looks, ms. A command inside takes a tenth of a second of a processor away from the server that starts, a connection next to
 * nothing; but where the engine is in a VM it is a command, too.
 */
const betweenCommands = 250
const betweenConnections = 200
/** Though nothing listens yet: what is being done meanwhile is said inside alone, ms. */
const silence = 5_000

async function healthy(
  {engine, clock}: InstanceDeps,
  known: KnownAddon,
  id: string,
  find: () => Promise<ObservedContainer | undefined>,
  signal: AbortSignal,
): Promise<void> {
  const {commands, boot_seconds: patience, port} = known.service.manifest.local
  const now = (): number => clock.now().getTime()
  let deadline = now() + patience * 1000
  let asked = now()
  let trouble = `nothing listens on its port ${port}`
  for (;;) {
    signal.throwIfAborted()
    const found = await find()
    // The engine starts again what ends by itself, but nothing that somebody has killed.
    if (found?.state === 'exited') throw new EngineError('failed', `${known.addon.name} was ended while it started: ${trouble}`)
    const open = await opened(engine, {id, address: Object.values(found?.addresses ?? {})[0]}, port)
    if (open || now() - asked >= silence) {
      const said = await symptom(engine, id, commands.health, signal)
      if (said === undefined) return
      asked = now()
      trouble = said
      if (said === preparing) deadline = asked + patience * 1000
    }
    if (now() >= deadline) throw new EngineError('failed', `${known.addon.name} did not become healthy within ${patience} s: ${trouble}`)
    await clock.sleep(open ? betweenCommands : betweenConnections, signal)
  }
}

/** Whether something listens there. What cannot be told now, as of a container that restarts, is no. */
async function opened(engine: Engine, container: {id: string; address: string | undefined}, port: number): Promise<boolean> {
  return await engine.listening(container, port).catch(error => {
    if (isPassing(error)) return false
    throw error
  })
}

/** That the data is being made ready, however much there is of it: exit code 75 of the health command (EX_TEMPFAIL of sysexits.h). */
const preparing = 'its data is being made ready'

/** Undefined when the health command succeeds. A container that restarts right now is no error yet. */
async function symptom(engine: Engine, id: string, command: string[], signal: AbortSignal): Promise<string | undefined> {
  try {
    const {exitCode, stdout, stderr} = await engine.exec(id, command, {signal})
    if (exitCode === 75) return preparing
    return exitCode === 0 ? undefined : stderr.toString().trim() || stdout.toString().trim() || `exit code ${exitCode}`
  } catch (error) {
    if (isPassing(error)) return error.message
    throw error
  }
}

/** What the engine says of a container that is not as it should be, not of itself. */
function isPassing(error: unknown): error is EngineError {
  return error instanceof EngineError && error.code !== 'unavailable' && error.code !== 'canceled'
}
