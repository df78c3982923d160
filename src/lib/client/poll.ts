import {setTimeout as sleep} from 'node:timers/promises'

/** Asks again and again until the answer is the wanted one, and returns it. `interval` in seconds. */
export async function poll<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean, interval: number): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (wanted(answer)) return answer
    await sleep(interval * 1000)
  }
}
