import {closeSync, fdatasync, mkdirSync, openSync, rmSync, writeSync} from 'node:fs'
import {promisify} from 'node:util'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {Block} from './line-filter.js'
import {recoverSegments, type Segment, segmentPath, withoutBeginning} from './segments.js'
import {firstStamp, isOutOfOrder, lastStamp} from './time-range.js'

export interface StreamLimits {
  /** A new segment begins after this many bytes. */
  segmentBytes: number
  /** Bytes kept per app; the oldest segments go first. */
  keepBytes: number
  /** Lines wait for the end of the tick, or until there are this many bytes. */
  batchBytes: number
}

/** Told of every batch once it is written. */
export type Follower = (block: Block) => void

/**
 * The stream of one app. Batches are written synchronously: a page-cache write of 64 kB takes tens of microseconds, and a disk that is
 * slower than the dynos slows the whole pipe down instead of filling memory. Recovers when it is made.
 */
export class AppStream {
  private readonly segments: Segment[]
  private readonly followers = new Set<Follower>()
  private pending: string[] = []
  private pendingBytes = 0
  private scheduled = false
  private fd: number | undefined
  /** Offset after the last byte written. */
  private written: number
  private lost = 0
  /** The latest stamp in the segment that is written to. */
  private latest = ''
  /** Syncs and closes of files, one after the other. */
  private disk: Promise<void> = Promise.resolve()

  constructor(
    private readonly directory: string,
    private limits: StreamLimits,
    private readonly log: RuntimeLog,
    private readonly lossNotice: (lost: number) => string,
  ) {
    this.segments = recoverSegments(directory, log)
    const last = this.segments.at(-1)
    this.written = last === undefined ? 0 : last.start + last.bytes
    this.latest = (last && lastStamp(last)) ?? ''
  }

  /** The segments as they are now, everything accepted included, and the offset after the last byte. */
  snapshot(): {segments: Segment[]; end: number} {
    this.commit()
    return {segments: this.segments.map(segment => ({...segment})), end: this.written}
  }

  /** From now on; what is too much then goes at once. */
  limit(limits: StreamLimits): void {
    this.commit()
    this.limits = limits
    const last = this.segments.at(-1)
    if (last !== undefined && last.sealed === undefined && last.bytes > limits.keepBytes - limits.segmentBytes) {
      this.retire()
      this.segments.push(withoutBeginning(this.segments.pop() as Segment, this.directory, limits.keepBytes - limits.segmentBytes))
    }
    this.removeOld()
  }

  /** Removes segments that hold nothing later than `before`. Of the one that is written to, lines older than `rotate` go on no further. */
  expire(before: string, rotate: string): void {
    this.commit()
    const last = this.segments.at(-1)
    if (last !== undefined && (firstStamp(last) ?? rotate) < rotate) this.begin()
    while (this.segments.length > 1 && (lastStamp(this.segments[0] as Segment) ?? '') < before) this.removeOldest()
  }

  /** Whole lines, as bytes. Never throws. */
  add(lines: string): void {
    this.pending.push(lines)
    this.pendingBytes += lines.length
    if (this.pendingBytes >= this.limits.batchBytes) this.commit()
    else if (!this.scheduled) {
      this.scheduled = true
      setImmediate(() => {
        this.scheduled = false
        this.commit()
      })
    }
  }

  /** From now on, without a gap after `snapshot()` in the same tick. Returns how to stop. */
  follow(follower: Follower): () => void {
    this.commit()
    this.followers.add(follower)
    return () => this.followers.delete(follower)
  }

  /** Resolves when everything added is on disk; lines whose write failed are counted (L13), not waited for. */
  async flush(): Promise<void> {
    this.commit()
    const {fd} = this
    if (fd === undefined) return this.disk
    const synced = this.disk.then(() => promisify(fdatasync)(fd))
    this.disk = synced.catch(() => undefined)
    return synced
  }

  async close(): Promise<void> {
    this.commit()
    this.followers.clear()
    this.retire()
    await this.disk
  }

  private commit(): void {
    if (this.pending.length === 0) return
    const batch = this.pending.join('')
    this.pending = []
    this.pendingBytes = 0
    const text = this.lost === 0 ? batch : this.lossNotice(this.lost) + batch
    const from = this.written
    try {
      this.write(text)
    } catch (error) {
      this.lose(batch, error)
      return
    }
    this.lost = 0
    for (const follower of this.followers) follower({from, text})
  }

  private write(text: string): void {
    const stamp = text.slice(0, 23)
    if (isOutOfOrder(stamp, this.latest)) this.begin()
    const segment = this.writable()
    if (stamp > this.latest) this.latest = stamp
    const bytes = Buffer.from(text, 'latin1')
    for (let done = 0; done < bytes.length; )
      done += writeSync(this.fd as number, bytes, done, bytes.length - done, this.written - segment.start + done)
    segment.bytes += bytes.length
    this.written += bytes.length
  }

  /** The segment to write to, opened. */
  private writable(): Segment {
    const last = this.segments.at(-1)
    const fits = last !== undefined && last.bytes < this.limits.segmentBytes && last.sealed === undefined
    if (fits && this.fd !== undefined) return last
    if (fits) {
      this.fd = openSync(last.path, 'r+')
      return last
    }
    const segment = this.begin()
    this.removeOld()
    return segment
  }

  /** A new segment; its name keeps the offset also when all others are gone. */
  private begin(): Segment {
    this.retire()
    mkdirSync(this.directory, {recursive: true, mode: 0o700})
    const segment = {path: segmentPath(this.directory, this.written), start: this.written, bytes: 0}
    this.fd = openSync(segment.path, 'w', 0o600)
    this.segments.push(segment)
    this.latest = ''
    return segment
  }

  private removeOld(): void {
    let kept = this.segments.reduce((sum, segment) => sum + segment.bytes, 0)
    while (kept > this.limits.keepBytes - this.limits.segmentBytes && this.segments.length > 1) kept -= this.removeOldest()
  }

  private removeOldest(): number {
    const oldest = this.segments.shift() as Segment
    rmSync(oldest.path, {force: true})
    return oldest.bytes
  }

  /** Whatever was half written lies after the segment's known bytes, where nobody reads; the next batch goes to a new file. */
  private lose(batch: string, error: unknown): void {
    if (this.lost === 0) this.log.error('log lines cannot be written', {directory: this.directory, error})
    this.lost += batch.split('\n').length - 1
    this.retire()
    const last = this.segments.at(-1)
    if (last?.bytes === 0) this.segments.pop()
    else if (last !== undefined) last.sealed = true
  }

  private retire(): void {
    const {fd} = this
    this.fd = undefined
    if (fd === undefined) return
    this.disk = this.disk.then(async () => {
      await promisify(fdatasync)(fd).catch(error => this.log.error('log segment cannot be synced', {directory: this.directory, error}))
      closeSync(fd)
    })
  }
}
