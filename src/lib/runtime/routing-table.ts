import type {AppRecord} from './apps/app-record.js'
import type {Apps} from './apps/apps.js'
import type {Domains} from './domains/domains.js'
import type {DynoManager} from './dynos/dyno-manager.js'
import type {Formations} from './formation/formations.js'
import type {Releases} from './releases/releases.js'
import type {Route, Router} from './router/router.js'
import {routeFor} from './routes-for.js'

interface RoutingDeps {
  apps: Apps
  domains: Domains
  formations: Formations
  releases: Releases
  dynos: () => DynoManager
  router: () => Router | undefined
}

/** The routes of all apps, kept up to date one app at a time and published whole. */
export class RoutingTable {
  private routes = new Map<string, Route>()

  constructor(private readonly deps: RoutingDeps) {}

  /** Computes every route anew. Resolves when the router follows. */
  async refreshAll(): Promise<void> {
    this.routes = new Map(this.deps.apps.list().map(app => [app.id, this.route(app)]))
    await this.publish()
  }

  /** Computes one app's route anew; an app that is gone loses it. */
  async refresh(appId: string): Promise<void> {
    const app = this.deps.apps.find(appId)
    this.routes.delete(appId)
    if (app !== undefined) this.routes.set(appId, this.route(app))
    await this.publish()
  }

  private async publish(): Promise<void> {
    await this.deps.router()?.publish([...this.routes.values()])
  }

  private route(app: AppRecord): Route {
    const {domains, formations, releases, dynos} = this.deps
    return routeFor({
      app,
      domains: domains.list(app.id),
      release: releases.currentOf(app),
      formation: formations.list(app.id),
      web: dynos().web(app.id),
    })
  }
}
