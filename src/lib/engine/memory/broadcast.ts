/** Hands each value to everybody who listens at that moment; a listener that is slow keeps its own queue. */
export class Broadcast<T> {
  readonly #listeners = new Set<(value: T) => void>()

  send(value: T): void {
    for (const listener of [...this.#listeners]) listener(value)
  }

  /** Listens from the call on, until the signal aborts. */
  listen(signal: AbortSignal): AsyncIterable<T> {
    const queue: T[] = []
    let wake: () => void = () => undefined
    const take = (value: T) => {
      queue.push(value)
      wake()
    }
    this.#listeners.add(take)
    const stop = () => {
      this.#listeners.delete(take)
      wake()
    }
    signal.addEventListener('abort', stop, {once: true})
    if (signal.aborted) stop()
    return (async function* () {
      while (!signal.aborted) {
        const next = queue.shift()
        if (next !== undefined) yield next
        else
          await new Promise<void>(resolve => {
            wake = resolve
          })
      }
    })()
  }
}
