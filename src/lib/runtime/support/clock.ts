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

/** As the Platform API writes times: `2026-11-22T11:01:31Z`. */
export function isoSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
