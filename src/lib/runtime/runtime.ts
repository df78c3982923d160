import type {LocalAuthority} from './certificates/local-authority.js'
import {deferred} from './dynos/deferred.js'
import {EngineWatch} from './engine-watch.js'
import {type Ground, layGround, type RuntimeOptions} from './ground.js'
import type {Router} from './router/router.js'
import {createApi} from './server/api.js'
import {Attachables} from './server/attachables.js'
import type {RuntimeControl} from './server/routes/runtime.js'
import type {Api} from './server/services.js'
import type {Store} from './store/store.js'
import type {Preparation} from './support/shared-work.js'
import {type Wired, type WiredServices, wire} from './wiring.js'

export interface Runtime {
  /** One request of a trusted caller, answered in this process. */
  fetch(request: Request): Promise<Response>
  api: Api
  attachables: Attachables
  authority: LocalAuthority
  services: WiredServices
  store: Store
  /** Brings up what runs in the engine; resolves when that was tried once. */
  start(): Promise<void>
  /** Lets go of everything; apps keep running. */
  close(): Promise<void>
}

/** The whole platform as a library: store and facts are open when it resolves, nothing listens yet. */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const ground = await layGround(options)
  const {services, routing, lifecycle, router, addons, dynos} = wire(options, ground)
  const attachables = new Attachables(secret => dynos.claim(secret))
  const adoption = deferred<void>()
  const preparing = new Set<Preparation>()
  const watch = new EngineWatch(ground.engine, ground.clock, ground.log, [
    async () => {
      await services.restore.finish()
      await lifecycle.removeOrphans()
      await addons.start()
      await dynos.start().finally(() => adoption.resolve())
      goOn(services)
    },
    async () => {
      await services.restore.finish()
      services.routerAddress = await shownWhile(router.start(), {what: 'the router', since: ground.clock.now(), line: ''}, preparing)
      await routing.refreshAll()
    },
  ])
  const adopted = (): Promise<void> => adoption.promise
  const control = controlOf(options, ground, {watch, router, adopted, preparing: () => [...preparing, ...services.compiler.preparing()]})
  const api = createApi(services, control, attachables)
  await recover(services)
  let tidied: Promise<void> | undefined
  const closing = new AbortController()
  return {
    fetch: async request => await api.fetch(request, {trusted: true}),
    api,
    attachables,
    authority: ground.authority,
    services,
    store: ground.store,
    start() {
      tidied = tidyRepositories(services).catch(error => ground.log.error('repositories not tidied', {error}))
      services.logDrains.start()
      services.transfers.start()
      const started = watch.start().finally(() => adoption.resolve())
      inBackground(services, ground, started)
      void routing.renewDaily({...ground, signal: closing.signal})
      return started
    },
    async close() {
      closing.abort()
      await Promise.all([
        services.acm.close(),
        services.collector.close(),
        services.transfers.close(),
        services.scheduler.close(),
        services.papertrail.close(),
      ])
      await watch.stop()
      await tidied
      await letGo(ground, {services, addons, dynos, router})
    },
  }
}

/** What began before, once the dynos that are left of it are known. */
function goOn({releases, scheduler, papertrail}: WiredServices): void {
  releases.resume()
  scheduler.start()
  papertrail.start()
}

function controlOf(
  {version, onStop}: RuntimeOptions,
  {clock, home}: Ground,
  {watch, router, ...rest}: {watch: EngineWatch; router: Router} & Pick<RuntimeControl, 'adopted' | 'preparing'>,
): RuntimeControl {
  return {
    version,
    home: home.root,
    ca: home.ca,
    startedAt: clock.now(),
    engine: () => watch.version,
    engineProblem: () => watch.problem,
    routerProblem: () => router.problem(),
    stop: onStop,
    ...rest,
  }
}

/** In the order in which they need each other. */
async function letGo(
  ground: Ground,
  {services, addons, dynos, router}: Pick<Wired, 'services' | 'addons' | 'dynos' | 'router'>,
): Promise<void> {
  await dynos.close()
  await addons.close()
  await router.close()
  await services.logDrains.close()
  await services.logplex.close()
  await ground.engine.close()
  ground.store.close()
}

/** Before anything can arrive: what an earlier runtime left of sources and builds is no use to this one. */
async function recover({appSetups, builds, releases, sources, transfers}: WiredServices): Promise<void> {
  await sources.start()
  builds.recover()
  releases.recover()
  appSetups.recover()
  transfers.recover()
}

function shownWhile<T>(work: Promise<T>, preparation: Preparation, preparing: Set<Preparation>): Promise<T> {
  preparing.add(preparation)
  return work.finally(() => preparing.delete(preparation))
}

/** The first push shall find its stack; without an engine or a base image it waits for one and says so. */
function inBackground({acm, collector, compiler}: WiredServices, {log}: Ground, started: Promise<void>): void {
  started.then(() => compiler.prepare()).catch(error => log.info('the stack is prepared later', {error}))
  acm.start()
  collector.start().catch(error => log.error('nothing is collected', {error}))
}

/** Needs no engine, and nobody waits for it: a push through the API sees to its own repository. */
async function tidyRepositories({apps, repositories}: WiredServices): Promise<void> {
  const known = apps.list()
  await repositories.sweep()
  await repositories.refresh(known)
}
