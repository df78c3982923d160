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
import {type LineMatch, lineMatch} from './line-filter.js'
import {cut, isPlainMessage, stamper, toBytes, toPs} from './line-format.js'
import type {LogLine, Logplex, LogRequest, OutputCursor, OutputWriter} from './logplex.js'
import {defaultRetention, type Retention, RetentionTable} from './retention.js'
import type {Segment} from './segments.js'
import {TailQueue} from './tail-queue.js'
import {offsetsOf, stampOf} from './time-range.js'

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

const defaults: LogplexLimits = {segmentBytes: 8 * MB, keepBytes: defaultRetention.bytes, batchBytes: 64 * 1024, tailBytes: 8 * MB}
/** How often lines that are too old are looked for, in ms. */
const expiryMs = 600_000

const mostHistory = 1500

export function createLogplex(parts: LogplexParts): Logplex {
  return new SegmentLogplex(parts)
}

/** What was said so far: after a line, of a time, or the newest lines. */
async function* history(segments: Segment[], end: number, request: LogRequest, matches: LineMatch): AsyncGenerator<LogLine[]> {
  const {after, lines, since, until} = request
  if (after !== undefined) return yield* linesBetween(segments, after, end, matches)
  const timed = since !== undefined || until !== undefined
  const within = timed
    ? offsetsOf(segments, end, {since: since && stampOf(since), until: until && stampOf(until)})
    : {from: segments[0]?.start ?? 0, to: end}
  if (lines === 'all') return yield* linesBetween(segments, within.from, within.to, matches)
  const last = await lastLines(segments, within, Math.min(lines, mostHistory), matches)
  if (last.length > 0) yield last
}

class SegmentLogplex implements Logplex {
  private readonly streams = new Map<string, AppStream>()
  private readonly queues = new Map<TailQueue, string>()
  /** Output of an app's last dynos may still arrive after the app is gone. */
  private readonly removed = new Set<string>()
  private readonly marks: ContainerMarks
  private readonly retentions: RetentionTable
  private readonly closing = new AbortController()
  private readonly limits: LogplexLimits
  private readonly stamp = stamper()
  private closed = false

  constructor(private readonly parts: LogplexParts) {
    this.limits = {...defaults, ...parts.limits}
    this.marks = new ContainerMarks(parts.store)
    this.retentions = new RetentionTable(parts.store)
  }

  async start(): Promise<void> {
    await mkdir(this.parts.directory, {recursive: true, mode: 0o700})
    this.marks.removeOld()
    void this.expireForever()
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
    const kept = this.withinRetention(appId, request)
    const matches = lineMatch(kept)
    const queue = new TailQueue(matches, this.limits.tailBytes, () => this.parts.clock.now(), this.stamp)
    const {segments, end} = stream.snapshot()
    const unfollow = request.tail ? stream.follow(block => queue.offer(block)) : () => undefined
    this.queues.set(queue, appId)
    try {
      yield* history(segments, end, kept, matches)
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

  retention(appId: string): Retention {
    return this.retentions.find(appId) ?? {...defaultRetention, bytes: this.limits.keepBytes}
  }

  setRetention(appId: string, retention: Retention | undefined): void {
    if (retention === undefined) this.retentions.remove(appId)
    else this.retentions.set(appId, retention)
    this.stream(appId)?.limit(this.limitsOf(appId))
    this.expire(appId)
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
    this.retentions.remove(appId)
    await rm(this.directoryOf(appId), {recursive: true, force: true})
  }

  async close(): Promise<void> {
    this.closed = true
    this.closing.abort()
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
    const stream = new AppStream(this.directoryOf(appId), this.limitsOf(appId), this.parts.log, lost => this.lossNotice(lost))
    this.streams.set(appId, stream)
    return stream
  }

  /** A small share of disk has small segments: it is whole segments that go. */
  private limitsOf(appId: string): StreamLimits {
    const keepBytes = this.retention(appId).bytes
    return {...this.limits, keepBytes, segmentBytes: Math.min(this.limits.segmentBytes, Math.ceil(keepBytes / 8))}
  }

  /** Lines that are too old are not shown, whether their segment has gone yet or not. */
  private withinRetention(appId: string, request: LogRequest): LogRequest {
    const {seconds} = this.retention(appId)
    if (seconds === undefined) return request
    const oldest = new Date(this.parts.clock.now().getTime() - seconds * 1000)
    return {...request, since: request.since !== undefined && request.since > oldest ? request.since : oldest}
  }

  private async expireForever(): Promise<void> {
    const {signal} = this.closing
    while (!signal.aborted) {
      for (const appId of this.retentions.ageing()) this.expire(appId)
      await this.parts.clock.sleep(expiryMs, signal).catch(() => undefined)
    }
  }

  private expire(appId: string): void {
    const {seconds} = this.retention(appId)
    if (seconds === undefined) return
    const ago = (part: number): string => stampOf(new Date(this.parts.clock.now().getTime() - seconds * 1000 * part))
    try {
      this.stream(appId)?.expire(ago(1), ago(1 / 4))
    } catch (error) {
      this.parts.log.error('old log lines not removed', {app: appId, error})
    }
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
