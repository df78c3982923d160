import {type Clock, systemClock} from '../../src/lib/runtime/support/clock.js'

/** A clock whose short pauses, as between two tries, are over at once; who waits 5 s and more, as for an answer, waits as long as ever. */
export const hastyClock: Clock = {
  now: () => systemClock.now(),
  sleep: (ms, signal) => systemClock.sleep(ms < 5_000 ? Math.min(ms, 20) : ms, signal),
}

/** A clock that real time drives faster, so that minutes pass in ms. */
export function fastClock(times: number): Clock {
  const began = Date.now()
  return {
    now: () => new Date(began + (Date.now() - began) * times),
    sleep: (ms, signal) => systemClock.sleep(Math.min(ms / times, 2 ** 31 - 1), signal),
  }
}
