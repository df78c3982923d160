import type {Store} from '../store/store.js'

/** How much of an app's log is kept. */
export interface Retention {
  /** Bytes on disk; the oldest lines go first. */
  bytes: number
  /** Lines older than this many seconds are not shown any more and go; undefined: age alone removes none. */
  seconds: number | undefined
}

const MB = 1024 * 1024

/** Heroku keeps 1,500 lines for at most a week; we keep more, so that history survives deploys, but not without end. */
export const defaultRetention: Retention = {bytes: 64 * MB, seconds: undefined}

/** Least and most that can be asked for. */
export const retentionBounds = {bytes: [1 * MB, 100 * 1024 * MB], seconds: [3600, 10 * 365 * 86_400]} as const

interface Row {
  app_id: string
  bytes: number
  seconds: number | null
}

/** What was asked for, app by app. */
export class RetentionTable {
  constructor(private readonly store: Store) {}

  /** Undefined: nothing was asked for. */
  find(appId: string): Retention | undefined {
    const row = this.store.get<Row>('SELECT * FROM log_retention WHERE app_id = ?', appId)
    return row && {bytes: row.bytes, seconds: row.seconds ?? undefined}
  }

  /** Apps whose lines go by age. */
  ageing(): string[] {
    return this.store.all<{app_id: string}>('SELECT app_id FROM log_retention WHERE seconds IS NOT NULL').map(row => row.app_id)
  }

  set(appId: string, {bytes, seconds}: Retention): void {
    this.store.run('INSERT OR REPLACE INTO log_retention (app_id, bytes, seconds) VALUES (?, ?, ?)', appId, bytes, seconds ?? null)
  }

  remove(appId: string): void {
    this.store.run('DELETE FROM log_retention WHERE app_id = ?', appId)
  }
}
