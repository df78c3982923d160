import type {Clock} from '../support/clock.js'
import {toPs} from './line-format.js'
import {LineSplitter} from './line-splitter.js'
import type {OutputWriter} from './logplex.js'

/** One container's output on its way into the stream: whole lines in the order in which they are complete, one time per chunk. */
export class DynoOutput implements OutputWriter {
  private readonly splitters = {stdout: new LineSplitter(), stderr: new LineSplitter()}
  private readonly after: string
  private ended = false

  constructor(
    dyno: string,
    private readonly add: (lines: string) => void,
    private readonly stamp: (at: Date) => string,
    private readonly clock: Clock,
  ) {
    this.after = ` app[${toPs(dyno)}]: `
  }

  write(stream: 'stdout' | 'stderr', data: Buffer, at: Date = this.clock.now()): void {
    if (!this.ended) this.put(this.splitters[stream].push(data.toString('latin1')), at)
  }

  end(): void {
    if (this.ended) return
    this.ended = true
    for (const splitter of Object.values(this.splitters)) this.put(splitter.end(), this.clock.now())
  }

  private put(lines: string[], at: Date): void {
    if (lines.length === 0) return
    const prefix = this.stamp(at) + this.after
    this.add(`${prefix}${lines.join(`\n${prefix}`)}\n`)
  }
}
