import {randomUUID} from 'node:crypto'
import {PlatformError} from '../../schema/errors.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {Seal} from '../support/seal.js'
import {checkedUrl} from './drain-url.js'

export interface LogDrainRecord {
  /** UUID. */
  id: string
  appId: string
  /** May hold a password: sealed at rest. */
  url: string
  /** `d.<uuid>`: how the receiver tells apps apart. */
  token: string
  /** The add-on that has it. */
  addonId?: string
  createdAt: Date
  updatedAt: Date
}

interface LogDrainRow {
  id: string
  app_id: string
  url_sealed: string
  token: string
  delivered: number
  addon_id: string | null
  created_at: string
  updated_at: string
}

/** Of each app (heroku-platform.md, limits). */
const mostDrains = 5

/** The drains that are wanted, and how far each one has come. */
export class LogDrainTable {
  constructor(
    private readonly store: Store,
    private readonly seal: Seal,
    private readonly clock: Clock,
  ) {}

  list(appId: string): LogDrainRecord[] {
    return this.store
      .all<LogDrainRow>('SELECT * FROM log_drains WHERE app_id = ? ORDER BY created_at, id', appId)
      .map(row => this.read(row))
  }

  all(): LogDrainRecord[] {
    return this.store.all<LogDrainRow>('SELECT * FROM log_drains').map(row => this.read(row))
  }

  /** From that place of the app's log on. Throws invalid_params for a URL no drain can have, one the app has already, or a sixth drain. */
  add(appId: string, given: string, from: number): LogDrainRecord {
    const others = this.list(appId)
    if (others.some(one => one.url === given)) throw new PlatformError('invalid_params', 'Url has already been taken')
    if (others.filter(one => one.addonId === undefined).length >= mostDrains)
      throw new PlatformError('invalid_params', `An app can have ${mostDrains} log drains at most. Remove one with drains:remove.`)
    return this.insert({appId, url: given, token: `d.${randomUUID()}`}, from)
  }

  /** Without a limit to their number. Throws invalid_params for a URL no drain can have. */
  insert(wanted: Pick<LogDrainRecord, 'appId' | 'url' | 'token' | 'addonId'>, from: number): LogDrainRecord {
    const now = this.clock.now()
    const record = {...wanted, id: randomUUID(), url: checkedUrl(wanted.url), createdAt: now, updatedAt: now}
    this.store.run(
      'INSERT INTO log_drains (id, app_id, url_sealed, token, delivered, addon_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ...[record.id, record.appId, this.seal.seal(record.url), record.token, from, record.addonId ?? null],
      ...[now.toISOString(), now.toISOString()],
    )
    return record
  }

  /** By id, token or URL; throws not_found. */
  find(appId: string, identity: string): LogDrainRecord {
    const found = this.list(appId).find(one => one.id === identity || one.token === identity || one.url === identity)
    if (found === undefined) throw new PlatformError('not_found', "Couldn't find that log drain.")
    return found
  }

  remove(id: string): void {
    this.store.run('DELETE FROM log_drains WHERE id = ?', id)
  }

  /** The id of the last line that was delivered. */
  delivered(id: string): number {
    return this.store.get<Pick<LogDrainRow, 'delivered'>>('SELECT delivered FROM log_drains WHERE id = ?', id)?.delivered ?? 0
  }

  setDelivered(id: string, line: number): void {
    this.store.run('UPDATE log_drains SET delivered = ? WHERE id = ?', line, id)
  }

  private read(row: LogDrainRow): LogDrainRecord {
    const [createdAt, updatedAt] = [new Date(row.created_at), new Date(row.updated_at)]
    const addon = row.addon_id === null ? {} : {addonId: row.addon_id}
    return {id: row.id, appId: row.app_id, url: this.seal.open(row.url_sealed), token: row.token, ...addon, createdAt, updatedAt}
  }
}
