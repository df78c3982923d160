import {type Clock, systemClock} from '../../src/lib/runtime/support/clock.js'

/** A clock that real time drives faster, so that minutes pass in ms. */
export function fastClock(times: number): Clock {
  const began = Date.now()
  return {
    now: () => new Date(began + (Date.now() - began) * times),
    sleep: (ms, signal) => systemClock.sleep(Math.min(ms / times, 2 ** 31 - 1), signal),
  }
}
