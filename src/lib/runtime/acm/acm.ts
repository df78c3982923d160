import type {Identity} from '../../schema/certificate-chain.js'
import type {Apps} from '../apps/apps.js'
import type {SniEndpointRecord, SniEndpoints} from '../certificates/sni-endpoints.js'
import type {DomainChanges, DomainRecord, Domains} from '../domains/domains.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import {type CertificateAuthority, IssueError} from './certificate-authority.js'
import {renewalAt, retryAt} from './schedule.js'

export interface AcmDeps {
  store: Store
  apps: Apps
  domains: Domains
  sniEndpoints: SniEndpoints
  authority: CertificateAuthority
  /** Rejects when DNS has no address for a host. */
  assertResolves(hostname: string): Promise<void>
  /** Told of an app whose certificates changed. */
  onChanged(appId: string): Promise<void>
  clock: Clock
  log: RuntimeLog
}

/** How many certificates are asked for at the same time. */
const atOnce = 4
/** Longest time between two looks at what is due, in ms: a clock may jump. */
const longestSleep = 600_000
const afterTrouble = 60_000
/** How long one certificate may take, in ms: an authority that falls silent shall not keep other domains waiting. */
const patience = 300_000
/** http-01 proves a host, not all below it. */
const forWildcards = 'A wildcard needs a certificate of your own (certs:add)'

/** Automatic Certificate Management: gets a certificate for every custom domain of the apps that want it, and renews it. */
export class Acm {
  private readonly closing = new AbortController()
  private waking = new AbortController()

  constructor(private readonly deps: AcmDeps) {}

  /** Begins to do what is due, in the background. */
  start(): void {
    void this.run()
  }

  /** A certificate that is being asked for is asked for again by the next runtime. */
  close(): void {
    this.closing.abort()
  }

  enable(appId: string): void {
    const {apps, domains, store} = this.deps
    store.transaction(() => {
      apps.update(appId, {acm: true})
      for (const domain of domains.list(appId)) this.consider(domain)
    })
  }

  /** Takes its certificates away. */
  disable(appId: string): void {
    const {apps, domains, store} = this.deps
    store.transaction(() => {
      apps.update(appId, {acm: false})
      for (const domain of domains.list(appId)) this.leave(domain)
    })
  }

  /** Tries all domains again that have no certificate. */
  refresh(appId: string): void {
    for (const domain of this.deps.domains.list(appId)) if (domain.acmStatus !== 'cert issued') this.consider(domain)
  }

  /** A domain is new, or lost its certificate: it gets one if its app wants that. One with a certificate of the user's is left alone. */
  consider(domain: DomainRecord): void {
    if (!this.isOurs(domain)) return
    this.deps.domains.update(domain, {acmStatus: undefined, acmReason: undefined, acmFailures: 0, acmDueAt: this.deps.clock.now()})
    this.waking.abort()
  }

  /** A domain gets a certificate of the user's, or goes: the one that was made here goes with it. */
  leave(domain: DomainRecord): void {
    const {domains, sniEndpoints} = this.deps
    domains.update(domain, {acmStatus: undefined, acmReason: undefined, acmFailures: 0, acmDueAt: undefined})
    const endpoint = this.endpointOf(domain)
    if (endpoint?.acm) sniEndpoints.remove(endpoint)
  }

  private isOurs(domain: DomainRecord): boolean {
    return this.deps.apps.find(domain.appId)?.acm === true && this.endpointOf(domain)?.acm !== false
  }

  private endpointOf({appId, sniEndpointId}: DomainRecord): SniEndpointRecord | undefined {
    return sniEndpointId === undefined ? undefined : this.deps.sniEndpoints.find(appId, sniEndpointId)
  }

  private async run(): Promise<void> {
    const {clock, domains, log} = this.deps
    while (!this.closing.signal.aborted) {
      try {
        this.waking = new AbortController()
        const now = clock.now()
        const all = domains.due()
        const due = all.filter(one => (one.acmDueAt as Date) <= now).slice(0, atOnce)
        await Promise.all(due.map(domain => this.attempt(domain)))
        if (due.length === 0) await this.sleep((all[0]?.acmDueAt?.getTime() ?? Number.POSITIVE_INFINITY) - now.getTime())
      } catch (error) {
        if (this.closing.signal.aborted) return
        log.error('certificates could not be looked after; trying again', {error})
        await this.sleep(afterTrouble)
      }
    }
  }

  private async sleep(ms: number): Promise<void> {
    const signal = AbortSignal.any([this.closing.signal, this.waking.signal])
    await this.deps.clock.sleep(Math.min(ms, longestSleep), signal).catch(() => undefined)
  }

  private async attempt(domain: DomainRecord): Promise<void> {
    const {domains, authority, assertResolves, log} = this.deps
    if (!this.isOurs(domain)) return this.leave(domain)
    if (domain.hostname.startsWith('*.')) return domains.update(domain, {acmStatus: 'failed', acmReason: forWildcards, acmDueAt: undefined})
    try {
      await assertResolves(domain.hostname)
      this.note(domain, {acmStatus: 'dns-verified', acmReason: undefined})
      const identity = await this.inTime(late =>
        authority.issue(domain.hostname, () => (late.aborted ? undefined : this.note(domain, {acmStatus: 'verified'}))),
      )
      await this.install(domain, identity)
      log.info('certificate issued', {domain: domain.hostname})
    } catch (error) {
      if (this.closing.signal.aborted) return
      this.fail(domain, error as Error)
    }
  }

  /** What is not done in time is not waited for any more. */
  private async inTime<T>(work: (over: AbortSignal) => Promise<T>): Promise<T> {
    const over = new AbortController()
    const late = this.deps.clock.sleep(patience, AbortSignal.any([over.signal, this.closing.signal])).then(() => {
      throw new IssueError('The certificate authority did not answer for 5 minutes')
    })
    try {
      return await Promise.race([work(over.signal), late])
    } finally {
      over.abort()
    }
  }

  private async install(domain: DomainRecord, identity: Identity): Promise<void> {
    const {domains, sniEndpoints, store} = this.deps
    const installed = store.transaction(() => {
      const current = this.stillOurs(domain)
      if (current === undefined) return false
      const before = this.endpointOf(current)
      const endpoint =
        before === undefined ? sniEndpoints.create(domain.appId, identity, 'acm') : sniEndpoints.update(before, identity, 'acm')
      const acmDueAt = renewalAt(identity.certificate, this.deps.clock.now())
      domains.update(domain, {sniEndpointId: endpoint.id, acmStatus: 'cert issued', acmReason: undefined, acmFailures: 0, acmDueAt})
      return true
    })
    if (installed) await this.deps.onChanged(domain.appId)
  }

  private fail(domain: DomainRecord, error: Error): void {
    const {clock, log} = this.deps
    const failures = domain.acmFailures + 1
    const acmDueAt = retryAt(clock.now(), failures, domain.sniEndpointId === undefined ? 'missing' : 'exists')
    log.info('no certificate', {domain: domain.hostname, failures, because: error.message, next: acmDueAt?.toISOString() ?? 'never'})
    const acmStatus = acmDueAt === undefined ? 'failed' : 'failing'
    this.note(domain, {acmStatus, acmReason: error.message, acmFailures: failures, acmDueAt})
  }

  private note(domain: DomainRecord, changes: DomainChanges): void {
    if (this.stillOurs(domain) !== undefined) this.deps.domains.update(domain, changes)
  }

  /** Much may happen while an authority takes its time. */
  private stillOurs({id, appId}: DomainRecord): DomainRecord | undefined {
    const current = this.deps.domains.list(appId).find(one => one.id === id)
    return current !== undefined && this.isOurs(current) ? current : undefined
  }
}
