import {setTimeout as sleep} from 'node:timers/promises'
import {openSqlite, type Sqlite} from './store/sqlite.js'
import {isListening} from './support/is-listening.js'

/** Between two looks at a lock that another holds, in ms. */
const pause = 25

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

/**
 * The lock, or undefined once whoever holds it listens on that socket: of several runtimes that start at once, each knows at its end
 * that one serves. A holder that dies before it listens is succeeded. Throws after `patience` ms with a holder that does neither.
 */
export async function takeLockUnlessServed({lock, socket}: {lock: string; socket: string}, patience: number): Promise<Sqlite | undefined> {
  const deadline = Date.now() + patience
  for (;;) {
    const taken = await takeLock(lock)
    if (taken !== undefined) return taken
    if (await isListening({path: socket})) return undefined
    if (Date.now() > deadline) throw new Error(`Another runtime holds ${lock} and does not listen on ${socket}.`)
    await sleep(pause)
  }
}
