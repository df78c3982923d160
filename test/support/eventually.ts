import {setTimeout as sleep} from 'node:timers/promises'

/** Tries again until the check passes; throws its last error when time (ms) is up. */
export async function eventually<T>(check: () => Promise<T> | T, timeout = 10_000): Promise<T> {
  for (const deadline = Date.now() + timeout; ; ) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(20)
    }
  }
}
