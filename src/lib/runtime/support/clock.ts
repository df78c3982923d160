import {setTimeout as sleep} from 'node:timers/promises'

/** The only source of time in the runtime, so that tests can hold it. Milliseconds. */
export interface Clock {
  now(): Date
  /** Resolves after that many ms, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => new Date(),
  async sleep(ms, signal) {
    await sleep(ms, undefined, signal === undefined ? undefined : {signal})
  },
}

/** Whether the work was done within that many ms. Rejects as the work does, and with the signal's reason. */
export async function doneWithin(clock: Clock, ms: number, work: Promise<unknown>, signal?: AbortSignal): Promise<boolean> {
  const waiting = new AbortController()
  const until = signal === undefined ? waiting.signal : AbortSignal.any([waiting.signal, signal])
  try {
    return await Promise.race([work.then(() => true), clock.sleep(ms, until).then(() => false)])
  } finally {
    waiting.abort()
  }
}

/** As the Platform API writes times: `2026-11-22T11:01:31Z`. */
export function isoSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
