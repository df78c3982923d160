import {setTimeout as sleep} from 'node:timers/promises'

/** The clock of the containers; the runtime's Clock fits. Milliseconds. */
export interface Time {
  now(): Date
  /** Resolves after that many ms, or rejects when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const realTime: Time = {
  now: () => new Date(),
  async sleep(ms, signal) {
    await sleep(ms, undefined, {ref: false, ...(signal && {signal})})
  },
}
