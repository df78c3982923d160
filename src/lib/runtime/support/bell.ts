/** Wakes the one who waits; a ring that nobody waits for is forgotten. */
export class Bell {
  private wake: () => void = () => undefined

  ring(): void {
    this.wake()
  }

  /** Resolves at the next ring, or when aborted. */
  rung(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.wake = done
      signal.addEventListener('abort', done, {once: true})
    })
  }
}
