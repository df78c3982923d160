import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import type {RuntimeLog} from '../support/runtime-log.js'

/** One file of an app's stream. */
export interface Segment {
  path: string
  /** Stream offset of its first byte; its name says so too. */
  start: number
  bytes: number
  /** Damaged at its end: nothing is added to it. */
  sealed?: true
}

const blockBytes = 256 * 1024

export function segmentPath(directory: string, start: number): string {
  return join(directory, `${String(start).padStart(16, '0')}.log`)
}

/** The segments of a directory in order, the last one without a half-written line. What cannot be used is skipped and logged. */
export function recoverSegments(directory: string, log: RuntimeLog): Segment[] {
  mkdirSync(directory, {recursive: true, mode: 0o700})
  const segments: Segment[] = []
  for (const name of readdirSync(directory).sort()) {
    const start = /^\d{16}\.log$/.test(name) ? Number(name.slice(0, 16)) : undefined
    if (start === undefined) continue
    const path = join(directory, name)
    try {
      segments.push({path, start, bytes: fileBytes(path)})
    } catch (error) {
      log.error('log segment skipped', {path, error})
    }
  }
  segments.forEach((segment, index) => {
    checkLength(segment, segments[index + 1], log)
  })
  cutHalfLine(segments.at(-1), log)
  return segments
}

/** The same segment with only its last lines, at most that many bytes of them. A kill meanwhile leaves it as it was or as it becomes. */
export function withoutBeginning(segment: Segment, directory: string, bytes: number): Segment {
  const all = readFileSync(segment.path).subarray(0, segment.bytes)
  const cut = all.indexOf(10, Math.max(0, all.length - bytes - 1)) + 1
  if (cut === 0 || cut === all.length) return segment
  const start = segment.start + cut
  const shorter = {path: segmentPath(directory, start), start, bytes: all.length - cut}
  writeFileSync(`${shorter.path}.new`, all.subarray(cut), {mode: 0o600})
  renameSync(`${shorter.path}.new`, shorter.path)
  rmSync(segment.path, {force: true})
  return shorter
}

/** Reads part of a segment; fewer bytes than asked at its end. Synchronous, and bounded by 256 kB. */
export function readPart(fd: number, position: number, length: number): string {
  const buffer = Buffer.allocUnsafe(Math.min(length, blockBytes))
  const read = readSync(fd, buffer, 0, buffer.length, position)
  return buffer.toString('latin1', 0, read)
}

function fileBytes(path: string): number {
  const stat = statSync(path)
  if (!stat.isFile()) throw new Error(`${path} is not a file`)
  return stat.size
}

/** Ids of later lines do not depend on this segment's length: each segment says itself where it starts. */
function checkLength(segment: Segment, next: Segment | undefined, log: RuntimeLog): void {
  if (next === undefined || segment.start + segment.bytes === next.start) return
  log.error('log segment is damaged: its length is not what the next one says', {path: segment.path, bytes: segment.bytes})
  segment.bytes = Math.min(segment.bytes, next.start - segment.start)
}

function cutHalfLine(last: Segment | undefined, log: RuntimeLog): void {
  if (last === undefined || last.bytes === 0) return
  try {
    const fd = openSync(last.path, 'r+')
    try {
      const from = Math.max(0, last.bytes - blockBytes)
      const end = readPart(fd, from, blockBytes).lastIndexOf('\n') + 1
      // No line is that long: not our bytes. They stay, and the stream goes on in a new segment.
      if (end === 0 && from > 0) throw new Error('no line ends in its last 256 kB')
      if (from + end === last.bytes) return
      ftruncateSync(fd, from + end)
      last.bytes = from + end
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    last.sealed = true
    log.error('log segment is damaged', {path: last.path, error})
  }
}
