import {setTimeout as sleep} from 'node:timers/promises'

/**
 * Tries again until the check passes; throws its last error when time (ms) is up. A check that takes long, as one that starts a command does,
 * is tried less often: else what is waited for has to share the machine with who waits.
 */
export async function eventually<T>(check: () => Promise<T> | T, timeout = 30_000): Promise<T> {
  for (const deadline = Date.now() + timeout; ; ) {
    const begun = Date.now()
    try {
      return await check()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(Math.min(Math.max(20, 2 * (Date.now() - begun)), 500))
    }
  }
}
