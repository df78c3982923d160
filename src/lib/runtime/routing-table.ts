import type {Duplex} from 'node:stream'
import {setImmediate as giveWay} from 'node:timers/promises'
import {PlatformError} from '../schema/errors.js'
import type {AppRecord} from './apps/app-record.js'
import type {Apps} from './apps/apps.js'
import type {HostCertificates} from './certificates/host-certificates.js'
import {type Domains, defaultHost} from './domains/domains.js'
import type {DynoManager} from './dynos/dyno-manager.js'
import type {Formations} from './formation/formations.js'
import type {Releases} from './releases/releases.js'
import type {Route, Router, Target} from './router/router.js'
import {routeFor} from './routes-for.js'
import type {Clock} from './support/clock.js'
import type {RuntimeLog} from './support/runtime-log.js'

interface RoutingDeps {
  apps: Apps
  domains: Domains
  certificates: HostCertificates
  formations: Formations
  releases: Releases
  dynos: () => DynoManager
  router: () => Router | undefined
}

/** Routes computed before something else may have its turn. */
const atATime = 25

/** How long after the last look certificates are looked at again, in ms: those that are about to expire are replaced then. */
const renewalMs = 24 * 3_600_000

/** The routes of all apps, kept up to date one app at a time and published whole. */
export class RoutingTable {
  private readonly routes = new Map<string, Route>()
  /** Every app has had its turn once. A table before that would turn away the visitors of those that had not. */
  private whole = false

  constructor(private readonly deps: RoutingDeps) {}

  /** Computes every route anew, giving way now and then: there may be a thousand. Resolves when the router follows. */
  async refreshAll(): Promise<void> {
    await this.computeAll()
    await this.publish()
  }

  /** Computes one app's route anew; an app that is gone loses it. */
  async refresh(appId: string): Promise<void> {
    if (this.whole) this.compute(appId)
    else await this.computeAll()
    await this.publish()
  }

  /** Computes every route anew once a day, until aborted. */
  async renewDaily({clock, log, signal}: {clock: Clock; log: RuntimeLog; signal: AbortSignal}): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(renewalMs, signal).catch(() => undefined)
      if (!signal.aborted) await this.renew().catch(error => log.info('the router follows later', {error}))
    }
  }

  private async renew(): Promise<void> {
    await this.refreshAll()
    this.deps.certificates.keepOnly([...this.routes.values()].flatMap(route => route.hosts))
  }

  /** Resolves when the router has no request with that dyno any more. Rejects when aborted. */
  async quiet(dyno: Target, signal: AbortSignal): Promise<void> {
    await this.deps.router()?.quiet(dyno, signal)
  }

  /** A connection to a dyno from where the router is. Rejects as the router's `dial` does, or when there is no router. */
  async dial(appId: string, dyno: Omit<Target, 'dyno'>, how: {seconds: number; signal: AbortSignal}): Promise<Duplex> {
    const router = this.deps.router()
    if (router === undefined) throw new PlatformError('service_unavailable', 'There is no router yet.')
    return await router.dial(appId, dyno, how)
  }

  private async computeAll(): Promise<void> {
    const ids = new Set([...this.deps.apps.ids(), ...this.routes.keys()])
    let count = 0
    for (const id of ids) {
      this.compute(id)
      count += 1
      if (count % atATime === 0) await giveWay()
    }
    this.whole = true
  }

  private compute(appId: string): void {
    const app = this.deps.apps.find(appId)
    this.routes.delete(appId)
    if (app !== undefined) this.routes.set(appId, this.route(app))
  }

  private async publish(): Promise<void> {
    await this.deps.router()?.publish([...this.routes.values()])
  }

  private route(app: AppRecord): Route {
    const {certificates, domains, formations, releases, dynos} = this.deps
    const custom = domains.list(app.id)
    const route = routeFor({
      app,
      domains: custom,
      release: releases.currentOf(app),
      formation: formations.list(app.id),
      web: dynos().web(app.id),
    })
    return {...route, certificates: certificates.of([{hostname: defaultHost(app.name)}, ...custom])}
  }
}
