import type {Engine} from '../../engine/engine.js'

/** How long an engine that is being stopped may be at ending its containers, in ms; Docker gives itself 15 s. */
const leavingMs = 20_000
/** What it ended when it came back may be told a little later, in ms. */
const returningMs = 1000

/** When the engine was last away: what ended then, ended because of it. */
export class Outage {
  private from = Number.POSITIVE_INFINITY
  private until = Number.NEGATIVE_INFINITY

  constructor(private readonly engine: Engine) {}

  /** It was away between these times; returns since when ends have been its doing. */
  was(since: Date, until: Date): Date {
    this.from = since.getTime() - leavingMs
    this.until = until.getTime() + returningMs
    return new Date(this.from)
  }

  /** Whether what ended at that time ended with the engine, which is away now or was then. */
  async explains(at: Date): Promise<boolean> {
    if (at.getTime() >= this.from && at.getTime() <= this.until) return true
    return !(await this.answers())
  }

  private answers(): Promise<boolean> {
    return this.engine.ping().then(
      () => true,
      () => false,
    )
  }
}
