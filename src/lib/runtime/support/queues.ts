/** A queue per key: work under one key never overlaps and keeps its order; different keys never wait for each other. */
export class Queues {
  private readonly tails = new Map<string, Promise<unknown>>()

  /** Runs `work` after everything queued before it under that key, whether that failed or not. */
  run<T>(key: string, work: () => Promise<T> | T): Promise<T> {
    const before = this.tails.get(key) ?? Promise.resolve()
    const mine = before.then(work, work)
    const settled = mine.then(
      () => undefined,
      () => undefined,
    )
    this.tails.set(key, settled)
    void settled.then(() => {
      if (this.tails.get(key) === settled) this.tails.delete(key)
    })
    return mine
  }

  /** Resolves when everything queued so far has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.tails.values())
  }
}
