import type {Store} from '../../store/store.js'

export interface Sleep {
  /** What slept: an app that wants anything else now is awake (`sleepKey`). */
  key: string
  since: Date
}

/** Apps whose eco dynos sleep, in the store: a killed runtime neither wakes them nor forgets to put them to sleep. */
export class Sleeps {
  constructor(private readonly store: Store) {}

  of(appId: string): Sleep | undefined {
    const row = this.store.get<{key: string; since: string}>('SELECT key, since FROM sleeps WHERE app_id = ?', appId)
    return row && {key: row.key, since: new Date(row.since)}
  }

  add(appId: string, {key, since}: Sleep): void {
    this.store.run('INSERT OR REPLACE INTO sleeps (app_id, key, since) VALUES (?, ?, ?)', appId, key, since.toISOString())
  }

  /** Whether it slept. */
  forget(appId: string): boolean {
    if (this.of(appId) === undefined) return false
    this.store.run('DELETE FROM sleeps WHERE app_id = ?', appId)
    return true
  }
}
