import type {WebChanged, WebState} from './dyno-manager.js'

interface Told {
  state: string
  followed: Promise<void>
}

/** Tells when the web dynos of an app have changed, and only then: a worker that starts is no news for the router. */
export class WebNews {
  private readonly told = new Map<string, Told>()

  constructor(
    private readonly tell: WebChanged,
    private readonly onError: (appId: string, error: unknown) => void,
  ) {}

  /** Resolves when whoever was told follows that state. */
  changed(appId: string, state: WebState): Promise<void> {
    const text = JSON.stringify(state)
    const before = this.told.get(appId)
    if (before?.state === text) return before.followed
    const now = {state: text, followed: Promise.resolve()}
    this.told.set(appId, now)
    now.followed = this.tell(appId).catch((error: unknown) => {
      if (this.told.get(appId) === now) this.told.delete(appId)
      this.onError(appId, error)
    })
    return now.followed
  }

  forget(appId: string): void {
    this.told.delete(appId)
  }
}
