import type {Store} from '../store/store.js'
import type {Crash} from './crash-policy.js'

interface CrashRow {
  dyno: string
  count: number
  crashed_at: string
  restart_at: string
}

/** Crashes in a row of each dyno on its release, in the store: a killed runtime forgets no cool-off. */
export class Crashes {
  constructor(private readonly store: Store) {}

  of(appId: string, releaseId: string): Map<string, Crash> {
    const rows = this.store.all<CrashRow>(
      'SELECT dyno, count, crashed_at, restart_at FROM crashes WHERE app_id = ? AND release_id = ?',
      appId,
      releaseId,
    )
    return new Map(
      rows.map(row => [row.dyno, {count: row.count, crashedAt: new Date(row.crashed_at), restartAt: new Date(row.restart_at)}]),
    )
  }

  record(appId: string, dyno: string, releaseId: string, crash: Crash): void {
    this.store.run(
      'INSERT OR REPLACE INTO crashes (app_id, dyno, release_id, count, crashed_at, restart_at) VALUES (?, ?, ?, ?, ?, ?)',
      appId,
      dyno,
      releaseId,
      crash.count,
      crash.crashedAt.toISOString(),
      crash.restartAt.toISOString(),
    )
  }

  forget(appId: string, dyno: string): void {
    this.store.run('DELETE FROM crashes WHERE app_id = ? AND dyno = ?', appId, dyno)
  }

  /** Of all apps: the engine was away then, or about to be. */
  forgetSince(time: Date): void {
    this.store.run('DELETE FROM crashes WHERE crashed_at >= ?', time.toISOString())
  }

  /** Keeps only the crashes of dynos that are wanted, on the release that is wanted. */
  prune(appId: string, releaseId: string, wanted: ReadonlySet<string>): void {
    this.store.run('DELETE FROM crashes WHERE app_id = ? AND release_id <> ?', appId, releaseId)
    for (const dyno of this.of(appId, releaseId).keys()) if (!wanted.has(dyno)) this.forget(appId, dyno)
  }
}
