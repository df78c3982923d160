import {randomUUID} from 'node:crypto'
import type {AlertFrequency} from '../../schema/papertrail.js'
import type {Store} from '../store/store.js'
import type {Seal} from '../support/seal.js'

export interface SearchRecord {
  id: string
  addonId: string
  appId: string
  name: string
  query: string
  alert: AlertRecord | undefined
  createdAt: Date
}

export interface AlertRecord {
  frequency: AlertFrequency
  minimum: number
  /** May hold a secret: sealed at rest. */
  webhook: string | undefined
  /** The last line that was looked at, and when the next look is due. */
  seen: number
  dueAt: Date
  triggeredAt: Date | undefined
}

interface SearchRow {
  id: string
  addon_id: string
  app_id: string
  name: string
  query: string
  frequency: string | null
  minimum: number | null
  webhook_sealed: string | null
  seen: number
  due_at: string | null
  triggered_at: string | null
  created_at: string
}

/** The SQL of saved searches. */
export class SearchTable {
  constructor(
    private readonly store: Store,
    private readonly seal: Seal,
  ) {}

  list(addonId: string): SearchRecord[] {
    return this.store
      .all<SearchRow>('SELECT * FROM papertrail_searches WHERE addon_id = ? ORDER BY name', addonId)
      .map(row => this.read(row))
  }

  /** One of that name takes the place of another. */
  save(wanted: Omit<SearchRecord, 'id'>): SearchRecord {
    const {addonId, appId, name, query, alert, createdAt} = wanted
    const id = randomUUID()
    this.store.transaction(() => {
      this.store.run('DELETE FROM papertrail_searches WHERE addon_id = ? AND name = ?', addonId, name)
      this.store.run(
        `INSERT INTO papertrail_searches (id, addon_id, app_id, name, query, frequency, minimum, webhook_sealed, seen, due_at, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[id, addonId, appId, name, query, alert?.frequency ?? null, alert?.minimum ?? null],
        ...[alert?.webhook === undefined ? null : this.seal.seal(alert.webhook), alert?.seen ?? 0],
        ...[alert?.dueAt.toISOString() ?? null, createdAt.toISOString()],
      )
    })
    return {...wanted, id}
  }

  remove(id: string): void {
    this.store.run('DELETE FROM papertrail_searches WHERE id = ?', id)
  }

  due(now: Date): (SearchRecord & {alert: AlertRecord})[] {
    return this.store
      .all<SearchRow>('SELECT * FROM papertrail_searches WHERE due_at <= ? ORDER BY due_at', now.toISOString())
      .map(row => this.read(row) as SearchRecord & {alert: AlertRecord})
  }

  nextDue(): Date | undefined {
    const due = this.store.get<{due: string | null}>('SELECT min(due_at) AS due FROM papertrail_searches')?.due
    return due == null ? undefined : new Date(due)
  }

  looked(id: string, {seen, dueAt, triggeredAt}: Pick<AlertRecord, 'seen' | 'dueAt' | 'triggeredAt'>): void {
    this.store.run(
      'UPDATE papertrail_searches SET seen = ?, due_at = ?, triggered_at = ? WHERE id = ?',
      ...[seen, dueAt.toISOString(), triggeredAt?.toISOString() ?? null, id],
    )
  }

  private read(row: SearchRow): SearchRecord {
    const alert =
      row.frequency === null
        ? undefined
        : {
            frequency: row.frequency as AlertFrequency,
            minimum: row.minimum ?? 1,
            webhook: row.webhook_sealed === null ? undefined : this.seal.open(row.webhook_sealed),
            seen: row.seen,
            dueAt: new Date(row.due_at ?? row.created_at),
            triggeredAt: row.triggered_at === null ? undefined : new Date(row.triggered_at),
          }
    const {id, addon_id: addonId, app_id: appId, name, query} = row
    return {id, addonId, appId, name, query, alert, createdAt: new Date(row.created_at)}
  }
}
