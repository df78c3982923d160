import {PlatformError} from '../../schema/errors.js'
import {migrations} from './migrations.js'
import {openSqlite, type Sqlite} from './sqlite.js'

export type Store = Sqlite

/**
 * Opens the store and brings its schema up to date. Every commit is on disk when it returns (synchronous=FULL); OFF, for tests of
 * everything else, leaves that to the system: a killed process loses nothing then, a power cut may lose the file.
 * Throws PlatformError when the file was written by a newer version.
 */
export async function openStore(path: string, synchronous: 'FULL' | 'OFF' = 'FULL'): Promise<Store> {
  const store = await openSqlite(path)
  store.exec(`PRAGMA synchronous=${synchronous}; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000`)
  if (path !== ':memory:') store.exec('PRAGMA journal_mode=WAL')
  migrate(store, path)
  return store
}

function migrate(store: Store, path: string): void {
  const done = store.get<{user_version: number}>('PRAGMA user_version')?.user_version ?? 0
  if (done > migrations.length)
    throw new PlatformError(
      'conflict',
      `${path} was written by a newer hokku (schema ${done}, this one knows ${migrations.length}): update hokku.`,
    )
  if (done === migrations.length) return
  store.transaction(() => {
    for (const step of migrations.slice(done)) store.exec(step)
    store.exec(`PRAGMA user_version=${migrations.length}`)
  })
}

/** A value kept under a key, made by `make` the first time. */
export function setting(store: Store, key: string, make: () => string): string {
  const found = readSetting(store, key)
  if (found !== undefined) return found
  const value = make()
  writeSetting(store, key, value)
  return value
}

export function readSetting(store: Store, key: string): string | undefined {
  return store.get<{value: string}>('SELECT value FROM settings WHERE key = ?', key)?.value
}

export function writeSetting(store: Store, key: string, value: string): void {
  store.run('INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value', key, value)
}

export function removeSetting(store: Store, key: string): void {
  store.run('DELETE FROM settings WHERE key = ?', key)
}
