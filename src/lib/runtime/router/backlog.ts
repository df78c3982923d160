import {backlogPerDyno} from './codes.js'
import type {Route} from './router.js'

/** Counts the requests of each app that are held or served here. */
export class Backlog {
  private readonly open = new Map<string, number>()

  /** Whether the app has more of them than Heroku's router takes: 200 for each web dyno, wanted or there. */
  isTooDeep({appId, targets, dynos = 0}: Route): boolean {
    return (this.open.get(appId) ?? 0) > backlogPerDyno * Math.max(1, dynos, targets.length)
  }

  /** Counts one while `serve` runs; those of no app are not counted. */
  async enter<T>(route: Route | undefined, serve: () => Promise<T>): Promise<T> {
    if (route === undefined) return serve()
    const {appId} = route
    this.open.set(appId, (this.open.get(appId) ?? 0) + 1)
    try {
      return await serve()
    } finally {
      const left = this.open.get(appId)! - 1
      if (left > 0) this.open.set(appId, left)
      else this.open.delete(appId)
    }
  }
}
