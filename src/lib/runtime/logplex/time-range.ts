import {closeSync, openSync} from 'node:fs'
import {isLine} from './line-format.js'
import {readPart, type Segment} from './segments.js'

/** Moments as stamps begin: `2026-11-22T11:11:31.967`. Lines are compared with them as text, for a stamp is where each begins. */
export interface TimeRange {
  /** The first moment that belongs to it. */
  since?: string | undefined
  /** The first that does not. */
  until?: string | undefined
}

/** A moment as stamps begin. */
export function stampOf(moment: Date): string {
  return moment.toISOString().slice(0, 23)
}

/** Within a segment lines are in the order of their times, but for so many ms: a router line comes when its request has ended. */
const disorderMs = 60_000

/** Whether a line is too early to come after another in one segment: the clock was set back, or a dyno spoke while no runtime ran. */
export function isOutOfOrder(stamp: string, latest: string): boolean {
  return stamp < latest && Date.parse(`${latest}Z`) - Date.parse(`${stamp}Z`) > disorderMs
}

/**
 * Line starts between which all lines of that time are, found by a few small reads of each segment; some before and after it are between
 * them too.
 */
export function offsetsOf(segments: Segment[], end: number, {since, until}: TimeRange): {from: number; to: number} {
  const within = {from: end, to: 0}
  for (const segment of segments)
    reading(segment, file => {
      if (since !== undefined && (lastStamp(segment) ?? since) < moved(since, -disorderMs)) return
      const from = since === undefined ? 0 : lastBlockBefore(file, segment.bytes, moved(since, -disorderMs))
      const to = until === undefined ? segment.bytes : firstBlockAfter(file, segment.bytes, moved(until, disorderMs))
      if (from >= to) return
      within.from = Math.min(within.from, segment.start + from)
      within.to = Math.max(within.to, Math.min(segment.start + to, end))
    })
  return within
}

/** The stamp of a segment's first line; undefined when it has none. */
export function firstStamp(segment: Segment): string | undefined {
  return reading(segment, file => lineFrom(file, 0)?.stamp)
}

/** The stamp of a segment's last line; undefined when it has none. */
export function lastStamp(segment: Segment): string | undefined {
  const from = Math.max(0, segment.bytes - lookBytes)
  const lines = reading(segment, file => readPart(file, from, segment.bytes - from).split('\n'))
  return lines?.filter(isLine).at(-1)?.slice(0, 23)
}

const blockBytes = 64 * 1024
/** More than the longest line. */
const lookBytes = 16 * 1024

/** Where the last block begins whose first line is earlier; the segment's start when none is. */
function lastBlockBefore(file: number, bytes: number, stamp: string): number {
  const block = firstBlock(bytes, position => (lineFrom(file, position)?.stamp ?? stamp) >= stamp)
  return lineFrom(file, Math.max(0, block - 1) * blockBytes)?.start ?? 0
}

/** Where the first block begins whose first line is later; the segment's end when none is. */
function firstBlockAfter(file: number, bytes: number, stamp: string): number {
  const block = firstBlock(bytes, position => (lineFrom(file, position)?.stamp ?? '') > stamp)
  return lineFrom(file, block * blockBytes)?.start ?? bytes
}

/** The first block from which on the test holds; the number of blocks when it never does. */
function firstBlock(bytes: number, test: (position: number) => boolean): number {
  let [low, high] = [0, Math.ceil(bytes / blockBytes)]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (test(middle * blockBytes)) high = middle
    else low = middle + 1
  }
  return low
}

/** The first line that begins at or after a position; undefined when there is none near it. */
function lineFrom(file: number, position: number): {start: number; stamp: string} | undefined {
  const begin = Math.max(0, position - 1)
  const text = readPart(file, begin, lookBytes)
  let start = position === 0 ? 0 : text.indexOf('\n') + 1
  if (position > 0 && start === 0) return undefined
  for (let newline = text.indexOf('\n', start); newline !== -1; newline = text.indexOf('\n', start)) {
    const line = text.slice(start, newline)
    if (isLine(line)) return {start: begin + start, stamp: line.slice(0, 23)}
    start = newline + 1
  }
  return undefined
}

function moved(stamp: string, ms: number): string {
  return stampOf(new Date(Date.parse(`${stamp}Z`) + ms))
}

/** A file that is gone has no lines. */
function reading<T>({path}: Segment, read: (file: number) => T): T | undefined {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return undefined
  }
  try {
    return read(file)
  } finally {
    closeSync(file)
  }
}
