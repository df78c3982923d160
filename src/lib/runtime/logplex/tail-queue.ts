import {Bell} from '../support/bell.js'
import {isoSeconds} from '../support/clock.js'
import {type Block, type LineMatch, linesOf, wholeLines} from './line-filter.js'
import type {LogLine} from './logplex.js'

/**
 * What one live reader has not taken yet. The texts are shared by all readers of the app. When a reader leaves more than `limit`
 * bytes, new lines are dropped for it until it has taken the rest, and then it is told (L11).
 */
export class TailQueue {
  private readonly blocks: Block[] = []
  private bytes = 0
  private dropped: {count: number; since: Date; until: number} | undefined
  private closed = false
  private readonly news = new Bell()

  constructor(
    private readonly matches: LineMatch,
    private readonly limit: number,
    private readonly now: () => Date,
    private readonly stamp: (at: Date) => string,
  ) {}

  offer(block: Block): void {
    if (this.dropped === undefined && (this.bytes === 0 || this.bytes + block.text.length <= this.limit)) {
      this.blocks.push(block)
      this.bytes += block.text.length
      this.news.ring()
    } else this.drop(block)
  }

  /** Nothing more will come. */
  close(): void {
    this.closed = true
    this.news.ring()
  }

  /** The next lines as soon as there are any; undefined at the end. */
  async take(signal: AbortSignal): Promise<LogLine[] | undefined> {
    for (;;) {
      if (signal.aborted) return undefined
      const lines = this.next()
      if (lines === undefined && this.closed) return undefined
      if (lines === undefined) await this.news.rung(signal)
      else if (lines.length > 0) return lines
    }
  }

  private next(): LogLine[] | undefined {
    const block = this.blocks.shift()
    if (block === undefined) return undefined
    this.bytes -= block.text.length
    const lines = linesOf(block, this.matches)
    return this.blocks.length === 0 ? lines.concat(this.overflowNotice()) : lines
  }

  private drop(block: Block): void {
    this.dropped ??= {count: 0, since: this.now(), until: 0}
    this.dropped.count += wholeLines(block).filter(this.matches).length
    this.dropped.until = block.from + block.text.length
  }

  private overflowNotice(): LogLine[] {
    const {dropped} = this
    this.dropped = undefined
    if (dropped === undefined || dropped.count === 0) return []
    const since = isoSeconds(dropped.since).replace('Z', '+00:00')
    const message = `Error L11 (Tail buffer overflow) -> This tail session dropped ${dropped.count} messages since ${since}`
    return [{id: dropped.until, text: `${this.stamp(this.now())} heroku[logplex]: ${message}`}]
  }
}
