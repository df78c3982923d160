import type {Engine, ObservedContainer} from '../engine/engine.js'
import {label} from '../engine/labels.js'
import type {Addons} from './addons/create-addons.js'
import type {AppRecord} from './apps/app-record.js'
import type {Apps} from './apps/apps.js'
import type {Builds} from './builds/builds.js'
import type {DynoManager} from './dynos/dyno-manager.js'
import type {Repositories} from './git/repositories.js'
import type {LogDrains} from './log-drains/log-drains.js'
import type {Logplex} from './logplex/logplex.js'
import type {ReleaseTable} from './releases/release-table.js'
import type {RoutingTable} from './routing-table.js'
import type {SlugImages} from './slugs/slug-images.js'
import {type Store, writeSetting} from './store/store.js'
import type {Clock} from './support/clock.js'
import {apiNotice} from './support/log-sink.js'
import type {Outputs} from './support/outputs.js'
import type {RuntimeLog} from './support/runtime-log.js'
import type {Transfers} from './transfers/transfers.js'

interface LifecycleDeps {
  addons: Addons
  apps: Apps
  builds: Builds
  clock: Clock
  dynos: DynoManager
  engine: Engine
  home: string
  log: RuntimeLog
  logDrains: LogDrains
  logplex: Logplex
  outputs: Outputs
  releaseTable: ReleaseTable
  repositories: Repositories
  routing: RoutingTable
  slugImages: SlugImages
  store: Store
  transfers: Transfers
}

/** Settings whose names begin with it are apps that are being destroyed. */
const going = 'destroying.'

/** The beginning and the end of an app: what spans more than one noun. */
export class AppLifecycle {
  constructor(private readonly deps: LifecycleDeps) {}

  /** Makes an app and the two releases that every Heroku app begins with. */
  async create(options: {name?: string; stack?: string; region?: string}, user: string): Promise<AppRecord> {
    const app = this.deps.store.transaction(() => {
      const made = this.deps.apps.create(options)
      for (const description of ['Initial release', 'Enable Logplex']) this.firstRelease(made, description, user)
      return made
    })
    for (const description of ['Initial release', 'Enable Logplex'])
      this.deps.logplex.append(app.id, apiNotice(this.deps.clock.now(), `${description} by user ${user}`))
    const {log, repositories, routing} = this.deps
    const routed = routing.refresh(app.id).catch(error => log.info('the router follows later', {app: app.name, error}))
    await Promise.all([routed, repositories.link(app)])
    return this.deps.apps.resolve(app.id)
  }

  /**
   * Writes down that the app goes, then removes all it has; once begun, every start of the runtime goes on with it. The engine
   * must answer first, or the app would be gone by halves for no reason.
   */
  async destroy(app: AppRecord): Promise<void> {
    await this.deps.engine.ping()
    writeSetting(this.deps.store, going + app.id, app.name)
    await this.finishDestroying({id: app.id, name: app.name})
  }

  /** Goes on with what a kill interrupted, and removes containers, networks, volumes and images of apps that are not in the store. */
  async removeOrphans(): Promise<void> {
    const {apps, engine, store} = this.deps
    const begun = store.all<{key: string; value: string}>('SELECT key, value FROM settings WHERE key > ? AND key < ?', going, `${going}~`)
    for (const {key, value: name} of begun) await this.finishDestroying({id: key.slice(going.length), name})
    const known = new Set(apps.ids())
    const containers = await engine.observe({[label.home]: this.deps.home})
    await this.removeReaders(containers)
    const found = [...containers, ...(await engine.images({[label.home]: this.deps.home}))]
    const gone = new Set(found.map(one => one.labels[label.app]).filter(id => id !== undefined && !known.has(id)) as string[])
    for (const id of gone) {
      await engine.removeAll(this.labels(id))
      await this.deps.slugImages.removeApp(id)
    }
  }

  /** Containers that were made to read an image's files live for a moment: older ones were left behind by a kill. */
  private async removeReaders(containers: ObservedContainer[]): Promise<void> {
    const before = this.deps.clock.now().getTime() - 60_000
    for (const {id, labels, createdAt} of containers)
      if (labels[label.kind] === 'reader' && createdAt.getTime() < before) await this.deps.engine.remove(id)
  }

  /** Every step may have been done before. */
  private async finishDestroying(app: {id: string; name: string}): Promise<void> {
    const appId = app.id
    const {
      addons,
      apps,
      builds,
      dynos,
      engine,
      log,
      logDrains,
      logplex,
      outputs,
      releaseTable,
      repositories,
      routing,
      slugImages,
      store,
      transfers,
    } = this.deps
    builds.cancelAll(appId)
    await logDrains.removeApp(appId)
    await transfers.removeApp(appId)
    await addons.removeApp(appId)
    for (const id of [...builds.list(appId).map(build => build.id), ...releaseTable.outputIds(appId)]) await outputs.remove(id)
    // Before its name is free: a new app of that name has a repository of its own.
    await repositories.remove(app)
    apps.remove(appId)
    await routing.refresh(appId).catch(error => log.info('the router follows later', {app: app.name, error}))
    await dynos.removeApp(appId)
    await engine.removeAll(this.labels(appId))
    await slugImages.removeApp(appId)
    await logplex.removeApp(appId)
    store.run('DELETE FROM settings WHERE key = ?', going + appId)
  }

  private labels(appId: string): Record<string, string> {
    return {[label.home]: this.deps.home, [label.app]: appId}
  }

  private firstRelease(app: AppRecord, description: string, user: string): void {
    const empty = {userConfig: {}, addonConfig: {}, attachments: [], addonPlanNames: []}
    const wanted = {appId: app.id, slugId: undefined, description, status: 'succeeded' as const, userEmail: user, outputId: undefined}
    this.deps.releaseTable.succeed(this.deps.releaseTable.insert({...wanted, ...empty}))
  }
}
