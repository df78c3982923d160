import {setTimeout as sleep} from 'node:timers/promises'

/** Asks again and again until the answer is the wanted one, and returns it. `interval` in seconds: the longest pause. */
export async function poll<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean, interval: number): Promise<T> {
  for (let asked = 1; ; asked += 1) {
    const answer = await ask()
    if (wanted(answer)) return answer
    await sleep(pauseAfter(asked, interval))
  }
}

/** In ms. Short at first, so that what takes a moment is seen at once and nobody waits half as long again as it took. */
export function pauseAfter(asked: number, interval: number): number {
  return Math.min(50 * 1.5 ** (asked - 1), interval * 1000)
}
