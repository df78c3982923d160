import {mkdir, rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {LogEntry} from '../support/log-sink.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import {AppStream, type StreamLimits} from './app-stream.js'
import {ContainerMarks} from './container-marks.js'
import {readCursor} from './cursor.js'
import {DynoOutput} from './dyno-output.js'
import {lastLines, linesBetween} from './history.js'
import {lineMatch} from './line-filter.js'
import {cut, isPlainMessage, stamper, toBytes, toPs} from './line-format.js'
import type {LogLine, Logplex, LogRequest, OutputCursor, OutputWriter} from './logplex.js'
import {TailQueue} from './tail-queue.js'

export interface LogplexLimits extends StreamLimits {
  /** Bytes a live reader may leave untaken before it loses lines. */
  tailBytes: number
}

export interface LogplexParts {
  /** One directory per app is made in it. */
  directory: string
  store: Store
  clock: Clock
  log: RuntimeLog
  limits?: Partial<LogplexLimits>
}

const MB = 1024 * 1024

/** Heroku keeps 1,500 lines; we keep more, so that history survives deploys, but not without end. */
const defaults: LogplexLimits = {segmentBytes: 8 * MB, keepBytes: 64 * MB, batchBytes: 64 * 1024, tailBytes: 8 * MB}

const mostHistory = 1500

export function createLogplex(parts: LogplexParts): Logplex {
  return new SegmentLogplex(parts)
}

class SegmentLogplex implements Logplex {
  private readonly streams = new Map<string, AppStream>()
  private readonly queues = new Map<TailQueue, string>()
  /** Output of an app's last dynos may still arrive after the app is gone. */
  private readonly removed = new Set<string>()
  private readonly marks: ContainerMarks
  private readonly limits: LogplexLimits
  private readonly stamp = stamper()
  private closed = false

  constructor(private readonly parts: LogplexParts) {
    this.limits = {...defaults, ...parts.limits}
    this.marks = new ContainerMarks(parts.store)
  }

  async start(): Promise<void> {
    await mkdir(this.parts.directory, {recursive: true, mode: 0o700})
    this.marks.removeOld()
  }

  append(appId: string, entry: LogEntry): void {
    this.add(appId, this.render(entry))
  }

  output(appId: string, dyno: string, container: string): OutputWriter {
    const from = this.stream(appId)?.snapshot().end ?? 0
    this.marks.add(container, {appId, dyno, from}, this.parts.clock.now())
    return new DynoOutput(dyno, lines => this.add(appId, lines), this.stamp, this.parts.clock)
  }

  cursor(container: string): OutputCursor | undefined {
    const mark = this.marks.find(container)
    const stream = mark === undefined ? undefined : this.stream(mark.appId)
    return mark === undefined || stream === undefined ? undefined : readCursor(stream, toPs(mark.dyno), mark.from)
  }

  async *read(appId: string, request: LogRequest, signal: AbortSignal): AsyncIterable<LogLine[]> {
    const stream = this.stream(appId)
    if (stream === undefined) return
    const matches = lineMatch(request)
    const queue = new TailQueue(matches, this.limits.tailBytes, () => this.parts.clock.now(), this.stamp)
    const {segments, end} = stream.snapshot()
    const unfollow = request.tail ? stream.follow(block => queue.offer(block)) : () => undefined
    this.queues.set(queue, appId)
    try {
      const {after} = request
      const history = after === undefined ? await lastLines(segments, end, Math.min(request.lines, mostHistory), matches) : []
      if (history.length > 0) yield history
      if (after !== undefined) yield* linesBetween(segments, after, end, matches)
      if (!request.tail) return
      for (let lines = await queue.take(signal); lines !== undefined; lines = await queue.take(signal)) yield lines
    } finally {
      unfollow()
      this.queues.delete(queue)
    }
  }

  end(appId: string): number {
    return this.stream(appId)?.snapshot().end ?? 0
  }

  async flush(): Promise<void> {
    await Promise.all([...this.streams.values()].map(stream => stream.flush()))
  }

  async removeApp(appId: string): Promise<void> {
    this.removed.add(appId)
    this.endTails(appId)
    const stream = this.streams.get(appId)
    this.streams.delete(appId)
    await stream?.close()
    this.marks.removeApp(appId)
    await rm(this.directoryOf(appId), {recursive: true, force: true})
  }

  async close(): Promise<void> {
    this.closed = true
    this.endTails()
    const streams = [...this.streams.values()]
    this.streams.clear()
    await Promise.all(streams.map(stream => stream.close()))
  }

  private add(appId: string, lines: string): void {
    try {
      this.stream(appId)?.add(lines)
    } catch (error) {
      this.parts.log.error('log lines lost: the stream of the app cannot be opened', {app: appId, error})
    }
  }

  /** Opened, and recovered, when it is first used; undefined when the app is gone. */
  private stream(appId: string): AppStream | undefined {
    const found = this.streams.get(appId)
    if (found !== undefined) return found
    if (this.closed || this.removed.has(appId)) return undefined
    const stream = new AppStream(this.directoryOf(appId), this.limits, this.parts.log, lost => this.lossNotice(lost))
    this.streams.set(appId, stream)
    return stream
  }

  private directoryOf(appId: string): string {
    return join(this.parts.directory, appId)
  }

  private render(entry: LogEntry): string {
    const prefix = `${this.stamp(entry.at)} ${entry.source}[${toPs(entry.ps)}]: `
    // Router lines are always plain, and come by the ten thousand.
    if (isPlainMessage(entry.message)) return `${prefix}${entry.message}\n`
    const pieces = entry.message.split(/\r?\n/).flatMap(line => cut(toBytes(line)))
    return pieces.map(piece => `${prefix}${piece}\n`).join('')
  }

  private lossNotice(lost: number): string {
    const message = `Error L13 (Local delivery error) -> ${lost} messages lost: they could not be written`
    return this.render({at: this.parts.clock.now(), source: 'heroku', ps: 'logplex', message})
  }

  private endTails(appId?: string): void {
    for (const [queue, of] of this.queues) if (appId === undefined || of === appId) queue.close()
  }
}
