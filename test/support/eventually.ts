import {setTimeout as sleep} from 'node:timers/promises'

/**
 * Tries again until the check passes, soon at first; throws its last error when time (ms) is up. A check that takes long, as one that starts a
 * command does, is tried less often: else what is waited for has to share the machine with who waits.
 */
export async function eventually<T>(check: () => Promise<T> | T, timeout = 30_000): Promise<T> {
  for (let deadline = Date.now() + timeout, pause = 1; ; pause = Math.min(2 * pause, 20)) {
    const begun = Date.now()
    try {
      return await check()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(Math.min(Math.max(pause, 2 * (Date.now() - begun)), 500))
    }
  }
}
