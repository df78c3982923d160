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
    this.routes = new Map(this.deps.apps.ids().flatMap(id => this.entry(id)))
    await this.publish()
  }

  /** Computes one app's route anew; an app that is gone loses it. */
  async refresh(appId: string): Promise<void> {
    this.routes.delete(appId)
    for (const [id, route] of this.entry(appId)) this.routes.set(id, route)
    await this.publish()
  }

  private async publish(): Promise<void> {
    await this.deps.router()?.publish([...this.routes.values()])
  }

  private entry(appId: string): [string, Route][] {
    const {apps, domains, formations, releases, dynos} = this.deps
    const app = apps.find(appId)
    if (app === undefined) return []
    const facts = {
      app,
      domains: domains.list(appId),
      release: releases.current(appId),
      formation: formations.list(appId),
      web: dynos().web(appId),
    }
    return [[appId, routeFor(facts)]]
  }
}
