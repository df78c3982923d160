import type {DynoContext} from '../context.js'
import type {LiveDyno} from '../live-dynos.js'
import {sleepers, sleepKey} from './eco.js'

/** How long the router may take to say whether it has a request, in ms. */
const askMs = 1000

/**
 * Puts apps of eco dynos to sleep when nobody has asked for them for `idleMs`. When that was is read from the app's log, which outlives
 * the runtime; what is still open, a WebSocket or a long answer, the router knows.
 */
export class SleepWatch {
  /** Ms since 1970: nothing can happen before. */
  private readonly due = new Map<string, number>()

  constructor(
    private readonly context: DynoContext,
    private readonly idleMs: number,
  ) {}

  /** Looks from time to time until the context's signal aborts. */
  async run(): Promise<void> {
    const {clock, signal} = this.context
    while (!signal.aborted) {
      await clock.sleep(Math.min(this.idleMs / 10, 60_000), signal).catch(() => undefined)
      if (!signal.aborted) await this.look()
    }
  }

  private async look(): Promise<void> {
    const ids = this.context.wanted.sleepyAppIds()
    for (const appId of this.due.keys()) if (!ids.includes(appId)) this.due.delete(appId)
    const now = this.context.clock.now().getTime()
    for (const appId of ids.filter(id => (this.due.get(id) ?? 0) <= now))
      await this.lookAt(appId, now).catch(error => this.context.log.error('idle time not known', {app: appId, error}))
  }

  private async lookAt(appId: string, now: number): Promise<void> {
    const {context, idleMs} = this
    const web = context.live.formation(appId).filter(({type}) => type === 'web')
    const wanted = context.wanted.wanted(appId)
    if (wanted === undefined || web.length === 0 || web.some(({state}) => state !== 'up')) return
    const since = Math.max(...web.map(one => one.since.getTime()), await this.lastRequest(appId, now))
    if (since + idleMs > now) return void this.due.set(appId, since + idleMs)
    if (await this.isAsked(web)) return
    const dynos = sleepers(wanted)
    // Nobody looked at the store while the router was asked: what is wanted may be another app by now.
    if (dynos.length === 0 || context.signal.aborted) return
    context.sleeps.add(appId, {key: sleepKey(dynos), since: context.clock.now()})
    context.convergeSoon(appId, 'idle')
  }

  /** When the last request of that time ended, in ms since 1970; 0 when there was none. */
  private async lastRequest(appId: string, now: number): Promise<number> {
    const request = {source: 'heroku', dyno: 'router', lines: 1, tail: false, since: new Date(now - this.idleMs)}
    for await (const lines of this.context.logplex.read(appId, request, this.context.signal))
      for (const {text} of lines) return Date.parse(`${text.slice(0, 23)}Z`)
    return 0
  }

  private async isAsked(web: LiveDyno[]): Promise<boolean> {
    const {clock, signal} = this.context
    const asking = new AbortController()
    const quiet = Promise.all(
      web.map(({name, address = '', port}) =>
        this.context.quiet({dyno: name, address, port}, AbortSignal.any([asking.signal, signal])).then(() => undefined),
      ),
    )
    try {
      return await Promise.race([quiet.then(() => false), clock.sleep(askMs, AbortSignal.any([asking.signal, signal])).then(() => true)])
    } catch {
      // A router that cannot tell does not let it sleep.
      return true
    } finally {
      asking.abort()
      quiet.catch(() => undefined)
    }
  }
}
