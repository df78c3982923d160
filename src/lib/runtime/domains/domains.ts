import {randomUUID} from 'node:crypto'
import {PlatformError} from '../../schema/errors.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'

export interface DomainRecord {
  id: string
  appId: string
  hostname: string
  createdAt: Date
}

interface DomainRow {
  id: string
  app_id: string
  hostname: string
  created_at: string
}

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

  /** Throws invalid_params when it is no host name or in use. */
  add(appId: string, given: string): DomainRecord {
    const hostname = given.toLowerCase()
    if (!/^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(hostname) || hostname.length > 253)
      throw new PlatformError('invalid_params', `${given} is not a valid domain name.`)
    if (hostname.endsWith('.localhost')) throw new PlatformError('invalid_params', `${hostname} is reserved for apps' default domains.`)
    const taken = this.store.get<DomainRow>('SELECT * FROM domains WHERE hostname = ?', hostname)
    if (taken !== undefined)
      throw new PlatformError(
        'invalid_params',
        taken.app_id === appId ? `${hostname} is already added to this app.` : `Domain ${hostname} is currently in use by another app.`,
      )
    const row: DomainRow = {id: randomUUID(), app_id: appId, hostname, created_at: this.clock.now().toISOString()}
    this.store.run('INSERT INTO domains (id, app_id, hostname, created_at) VALUES (?, ?, ?, ?)', row.id, appId, hostname, row.created_at)
    return fromRow(row)
  }

  /** By host name or id; throws not_found. */
  remove(appId: string, hostnameOrId: string): DomainRecord {
    const found = this.list(appId).find(one => one.id === hostnameOrId || one.hostname === hostnameOrId.toLowerCase())
    if (found === undefined) throw new PlatformError('not_found', `Couldn't find that domain name.`)
    this.store.run('DELETE FROM domains WHERE id = ?', found.id)
    return found
  }
}

function fromRow(row: DomainRow): DomainRecord {
  return {id: row.id, appId: row.app_id, hostname: row.hostname, createdAt: new Date(row.created_at)}
}
