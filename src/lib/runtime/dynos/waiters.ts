/** Who waits for news of an app, and whether somebody is about to make some. */
export class Waiters {
  private readonly waiting = new Map<string, (() => void)[]>()
  private readonly working = new Map<string, number>()

  /** Marks the app busy until the returned function is called. */
  busy(appId: string): () => void {
    this.working.set(appId, (this.working.get(appId) ?? 0) + 1)
    return () => {
      const left = (this.working.get(appId) ?? 1) - 1
      if (left > 0) this.working.set(appId, left)
      else this.working.delete(appId)
      this.tell(appId)
    }
  }

  isBusy(appId: string): boolean {
    return this.working.has(appId)
  }

  tell(appId: string): void {
    const told = this.waiting.get(appId) ?? []
    this.waiting.delete(appId)
    for (const go of told) go()
  }

  tellAll(): void {
    for (const appId of [...this.waiting.keys()]) this.tell(appId)
  }

  /** Resolves at the next news of the app. */
  next(appId: string): Promise<void> {
    return new Promise(go => this.waiting.set(appId, [...(this.waiting.get(appId) ?? []), go]))
  }
}
