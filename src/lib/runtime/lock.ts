import {openSqlite, type Sqlite} from './store/sqlite.js'

/** One runtime per home: an exclusive SQLite lock, which the kernel releases when its holder dies. Undefined when another holds it. */
export async function takeLock(path: string): Promise<Sqlite | undefined> {
  const lock = await openSqlite(path)
  try {
    lock.exec('PRAGMA busy_timeout=0; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    if (/locked|busy/i.test((error as Error).message)) return undefined
    throw error
  }
}
