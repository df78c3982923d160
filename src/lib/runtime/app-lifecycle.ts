import type {Engine} from '../engine/engine.js'
import {label} from '../engine/labels.js'
import type {Addons} from './addons/create-addons.js'
import type {AppRecord} from './apps/app-record.js'
import type {Apps} from './apps/apps.js'
import type {Builds} from './builds/builds.js'
import type {DynoManager} from './dynos/dyno-manager.js'
import type {Repositories} from './git/repositories.js'
import type {Logplex} from './logplex/logplex.js'
import type {ReleaseTable} from './releases/release-table.js'
import type {RoutingTable} from './routing-table.js'
import type {Store} from './store/store.js'
import type {Clock} from './support/clock.js'
import {apiNotice} from './support/log-sink.js'
import type {RuntimeLog} from './support/runtime-log.js'

interface LifecycleDeps {
  addons: Addons
  apps: Apps
  builds: Builds
  clock: Clock
  dynos: DynoManager
  engine: Engine
  home: string
  log: RuntimeLog
  logplex: Logplex
  releaseTable: ReleaseTable
  repositories: Repositories
  routing: RoutingTable
  store: Store
}

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
    await Promise.all([this.deps.routing.refresh(app.id), this.deps.repositories.link(app)])
    return this.deps.apps.resolve(app.id)
  }

  /**
   * Forgets the app, then removes all it has. The engine must answer first, or its containers would stay behind; what a
   * kill in the middle leaves is removed by `removeOrphans` at the next start.
   */
  async destroy(app: AppRecord): Promise<void> {
    const {addons, apps, builds, dynos, engine, logplex, repositories, routing} = this.deps
    await engine.ping()
    builds.cancelAll(app.id)
    await addons.removeApp(app.id)
    apps.remove(app.id)
    await routing.refresh(app.id)
    await dynos.removeApp(app.id)
    await engine.removeAll(this.labels(app.id))
    await this.removeImages(app.id)
    await logplex.removeApp(app.id)
    await repositories.remove(app)
  }

  /** Removes containers, networks, volumes and images of apps that are not in the store any more. */
  async removeOrphans(): Promise<void> {
    const {apps, engine} = this.deps
    const known = new Set(apps.ids())
    const found = [...(await engine.observe({[label.home]: this.deps.home})), ...(await engine.images({[label.home]: this.deps.home}))]
    const gone = new Set(found.map(one => one.labels[label.app]).filter(id => id !== undefined && !known.has(id)) as string[])
    for (const id of gone) {
      await engine.removeAll(this.labels(id))
      await this.removeImages(id)
    }
  }

  private async removeImages(appId: string): Promise<void> {
    for (const image of await this.deps.engine.images(this.labels(appId)))
      await this.deps.engine.removeImage(image.id).catch(error => this.deps.log.info('image kept', {image: image.id, error}))
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
