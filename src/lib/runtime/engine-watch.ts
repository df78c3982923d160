import type {Engine, EngineVersion} from '../engine/engine.js'
import type {Clock} from './support/clock.js'
import type {RuntimeLog} from './support/runtime-log.js'

/** How often an engine that does not answer is asked again, in ms. */
const interval = 2000

/** Waits for the engine, then does what needs it; tells meanwhile why it is not there. */
export class EngineWatch {
  version: EngineVersion | undefined
  problem: string | undefined
  private readonly stopped = new AbortController()
  private attempt: Promise<void> | undefined

  constructor(
    private readonly engine: Engine,
    private readonly clock: Clock,
    private readonly log: RuntimeLog,
    /** What to bring up, side by side; each is tried until it has succeeded once. */
    private work: (() => Promise<void>)[],
  ) {}

  /** Resolves after the first try; goes on in the background until the engine answers and everything was brought up. */
  async start(): Promise<void> {
    if (await this.tryOnce()) return
    this.attempt = this.repeat()
  }

  async stop(): Promise<void> {
    this.stopped.abort()
    await this.attempt
  }

  private async repeat(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      await this.clock.sleep(interval, this.stopped.signal).catch(() => undefined)
      if (this.stopped.signal.aborted || (await this.tryOnce())) return
    }
  }

  private async tryOnce(): Promise<boolean> {
    try {
      this.version = await this.engine.ping()
      const results = await Promise.allSettled(this.work.map(bringUp => bringUp()))
      this.work = this.work.filter((_, index) => results[index]?.status === 'rejected')
      const failed = results.find(result => result.status === 'rejected')
      if (failed !== undefined) throw failed.reason
      this.problem = undefined
      return true
    } catch (error) {
      const problem = (error as Error).message
      if (problem !== this.problem) this.log.error('cannot bring up what runs in the engine; trying again', {error})
      this.problem = problem
      return false
    }
  }
}
