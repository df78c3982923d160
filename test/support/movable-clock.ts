import {type Clock, systemClock} from '../../src/lib/runtime/support/clock.js'

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

/** The system's clock, but for how much it was moved. */
export function shiftedClock(): MovableClock {
  const moved = movableClock(new Date(0))
  let offset = 0
  return {
    now: () => new Date(Date.now() + offset),
    async sleep(ms, signal) {
      const over = new AbortController()
      const either = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal])
      try {
        await Promise.race([systemClock.sleep(Math.min(ms, 2 ** 31 - 1), either), moved.sleep(ms, either)])
      } finally {
        over.abort()
      }
    },
    advance(ms) {
      offset += ms
      moved.advance(ms)
    },
  }
}
