import {randomUUID} from 'node:crypto'
import {isIP} from 'node:net'
import {domainToASCII} from 'node:url'
import {PlatformError} from '../../schema/errors.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'

export interface DomainRecord {
  id: string
  appId: string
  hostname: string
  /** The SNI endpoint whose certificate it is shown with. */
  sniEndpointId: string | undefined
  /** What Automatic Certificate Management says of it; undefined before it looked, and while it is off. */
  acmStatus: AcmStatus | undefined
  acmReason: string | undefined
  /** Attempts that failed since the last one that did not. */
  acmFailures: number
  /** When ACM looks at it next. */
  acmDueAt: Date | undefined
  createdAt: Date
  updatedAt: Date
}

/** Heroku's words (heroku-platform.md 11). `failing` is tried again, `failed` is not. */
export type AcmStatus = 'dns-verified' | 'verified' | 'cert issued' | 'failing' | 'failed'

/** What may change about a domain. */
export type DomainChanges = Partial<Pick<DomainRecord, 'sniEndpointId' | 'acmStatus' | 'acmReason' | 'acmFailures' | 'acmDueAt'>>

interface DomainRow {
  id: string
  app_id: string
  hostname: string
  sni_endpoint_id: string | null
  acm_status: string | null
  acm_reason: string | null
  acm_failures: number
  acm_due_at: string | null
  created_at: string
  updated_at: string | null
}

/** Of one app. */
const limit = 1000

/** The host name an app has without asking. */
export function defaultHost(appName: string): string {
  return `${appName}.localhost`
}

/** Custom domains. */
export class Domains {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  list(appId: string): DomainRecord[] {
    return this.store.all<DomainRow>('SELECT * FROM domains WHERE app_id = ? ORDER BY hostname', appId).map(fromRow)
  }

  /** Throws invalid_params when it is no host name, in use, or one too many. */
  add(appId: string, given: string): DomainRecord {
    const hostname = normalized(given)
    checkHostname(hostname, given)
    const taken = this.store.get<DomainRow>('SELECT * FROM domains WHERE hostname = ?', hostname)
    if (taken !== undefined)
      throw new PlatformError(
        'invalid_params',
        taken.app_id === appId ? `${hostname} is already added to this app.` : `Domain ${hostname} is currently in use by another app.`,
      )
    if (this.count(appId) >= limit) throw new PlatformError('invalid_params', `An app can have ${limit} domains at most.`)
    const id = randomUUID()
    const now = this.clock.now().toISOString()
    this.store.run(
      'INSERT INTO domains (id, app_id, hostname, created_at, updated_at) VALUES (?, ?, ?, ?, ?)',
      id,
      appId,
      hostname,
      now,
      now,
    )
    return this.resolve(appId, id)
  }

  /** By host name or id; throws not_found. */
  resolve(appId: string, hostnameOrId: string): DomainRecord {
    const hostname = normalized(hostnameOrId)
    const row = this.store.get<DomainRow>(
      'SELECT * FROM domains WHERE app_id = ? AND (id = ? OR hostname = ?)',
      appId,
      hostnameOrId,
      hostname,
    )
    if (row === undefined) throw new PlatformError('not_found', `Couldn't find that domain name.`)
    return fromRow(row)
  }

  /** By host name or id; throws not_found. */
  remove(appId: string, hostnameOrId: string): DomainRecord {
    const found = this.resolve(appId, hostnameOrId)
    this.store.run('DELETE FROM domains WHERE id = ?', found.id)
    return found
  }

  /** A key that is there with undefined is taken back. Nothing happens when the domain is gone. */
  update(domain: Pick<DomainRecord, 'id'>, changes: DomainChanges): void {
    const row = this.store.get<DomainRow>('SELECT * FROM domains WHERE id = ?', domain.id)
    if (row === undefined) return
    const next = {...fromRow(row), ...changes}
    this.store.run(
      'UPDATE domains SET sni_endpoint_id = ?, acm_status = ?, acm_reason = ?, acm_failures = ?, acm_due_at = ?, updated_at = ? WHERE id = ?',
      ...[next.sniEndpointId ?? null, next.acmStatus ?? null, next.acmReason ?? null, next.acmFailures],
      ...[next.acmDueAt?.toISOString() ?? null, this.clock.now().toISOString(), domain.id],
    )
  }

  private count(appId: string): number {
    return this.store.get<{n: number}>('SELECT count(*) AS n FROM domains WHERE app_id = ?', appId)?.n ?? 0
  }

  /** All that ACM is to look at, the earliest first. */
  due(): DomainRecord[] {
    return this.store.all<DomainRow>('SELECT * FROM domains WHERE acm_due_at IS NOT NULL ORDER BY acm_due_at').map(fromRow)
  }
}

/** Lower case, in ASCII, without the dot that ends a full name. */
function normalized(given: string): string {
  const name = given.trim().replace(/\.$/, '')
  const wildcard = name.startsWith('*.') ? '*.' : ''
  return wildcard + (domainToASCII(name.slice(wildcard.length)) || name.slice(wildcard.length).toLowerCase())
}

function checkHostname(hostname: string, given: string): void {
  const labels = /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
  if (!labels.test(hostname) || hostname.length > 253 || isIP(hostname) !== 0)
    throw new PlatformError('invalid_params', `${given} is not a valid domain name.`)
  if (hostname.endsWith('.localhost')) throw new PlatformError('invalid_params', `${hostname} is reserved for apps' default domains.`)
}

function fromRow(row: DomainRow): DomainRecord {
  return {
    id: row.id,
    appId: row.app_id,
    hostname: row.hostname,
    sniEndpointId: row.sni_endpoint_id ?? undefined,
    acmStatus: (row.acm_status as AcmStatus | null) ?? undefined,
    acmReason: row.acm_reason ?? undefined,
    acmFailures: row.acm_failures,
    acmDueAt: row.acm_due_at === null ? undefined : new Date(row.acm_due_at),
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at ?? row.created_at),
  }
}
