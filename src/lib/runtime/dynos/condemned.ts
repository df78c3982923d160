import {type Store, writeSetting} from '../store/store.js'
import type {Condemned} from './plan.js'

const prefix = 'condemned.'

/** Containers that a restart or stop has asked to go; stored first, so that a killed runtime still does it. */
export class CondemnedContainers {
  private readonly modes: Map<string, Condemned>

  constructor(private readonly store: Store) {
    const rows = store.all<{key: string; value: Condemned}>("SELECT key, value FROM settings WHERE key LIKE 'condemned.%'")
    this.modes = new Map(rows.map(row => [row.key.slice(prefix.length), row.value]))
  }

  of(container: string): Condemned | undefined {
    return this.modes.get(container)
  }

  add(container: string, mode: Condemned): void {
    writeSetting(this.store, prefix + container, mode)
    this.modes.set(container, mode)
  }

  forget(container: string): void {
    if (this.modes.delete(container)) this.store.run('DELETE FROM settings WHERE key = ?', prefix + container)
  }
}
