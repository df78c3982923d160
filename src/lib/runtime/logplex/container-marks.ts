import type {Store} from '../store/store.js'

/** Where in which app's stream a container's output began. */
export interface ContainerMark {
  appId: string
  dyno: string
  from: number
}

/** Containers are gone long before this many newer ones have been marked. */
const mostMarks = 5000

/** One row per container, written once when its output begins; what was read of it since is told by the stream itself. */
export class ContainerMarks {
  constructor(private readonly store: Store) {}

  /** Keeps the first mark of a container: a second reader of it continues the first one's work. */
  add(container: string, mark: ContainerMark, at: Date): void {
    this.store.run(
      'INSERT INTO log_cursors (container, app_id, cursor, updated_at) VALUES (?, ?, ?, ?) ON CONFLICT (container) DO NOTHING',
      container,
      mark.appId,
      JSON.stringify({dyno: mark.dyno, from: mark.from}),
      at.toISOString(),
    )
  }

  find(container: string): ContainerMark | undefined {
    const row = this.store.get<{app_id: string; cursor: string}>('SELECT app_id, cursor FROM log_cursors WHERE container = ?', container)
    if (row === undefined) return undefined
    return {appId: row.app_id, ...(JSON.parse(row.cursor) as {dyno: string; from: number})}
  }

  removeApp(appId: string): void {
    this.store.run('DELETE FROM log_cursors WHERE app_id = ?', appId)
  }

  removeOld(): void {
    this.store.run(
      'DELETE FROM log_cursors WHERE container NOT IN (SELECT container FROM log_cursors ORDER BY updated_at DESC LIMIT ?)',
      mostMarks,
    )
  }
}
