import type {Clock} from '../../src/lib/runtime/support/clock.js'

export interface MovableClock extends Clock {
  /** Lets time pass at once; whoever sleeps until then wakes. */
  advance(ms: number): void
}

/** A clock that stands still, begins at `start`, and is moved by hand. */
export function movableClock(start = new Date()): MovableClock {
  let now = start.getTime()
  const sleepers = new Set<{until: number; wake: () => void}>()
  return {
    now: () => new Date(now),
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        const sleeper = {until: now + ms, wake: resolve}
        const abort = (): void => {
          sleepers.delete(sleeper)
          reject(signal?.reason)
        }
        if (signal?.aborted) return abort()
        sleepers.add(sleeper)
        signal?.addEventListener('abort', abort, {once: true})
      })
    },
    advance(ms) {
      now += ms
      for (const sleeper of [...sleepers]) {
        if (sleeper.until > now) continue
        sleepers.delete(sleeper)
        sleeper.wake()
      }
    },
  }
}
