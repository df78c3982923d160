import {closeSync, openSync} from 'node:fs'
import {type Block, type LineMatch, linesOf} from './line-filter.js'
import type {LogLine} from './logplex.js'
import {readPart, type Segment} from './segments.js'

const blockBytes = 256 * 1024

/** The last `count` matching lines between two offsets, oldest first. Scans backwards, giving way between blocks. */
export async function lastLines(
  segments: Segment[],
  {from, to}: {from: number; to: number},
  count: number,
  matches: LineMatch,
): Promise<LogLine[]> {
  const found: LogLine[][] = []
  let missing = count
  for (const block of blocksBackwards(segments, to)) {
    if (missing <= 0 || block.from + block.text.length <= from) break
    const lines = linesOf(block, matches).slice(-missing)
    found.unshift(lines)
    missing -= lines.length
    await giveWay()
  }
  return found.flat()
}

/** The matching lines from `from` up to `to`, giving way between blocks. */
export async function* linesBetween(segments: Segment[], from: number, to: number, matches: LineMatch): AsyncGenerator<LogLine[]> {
  for (const block of blocksForwards(segments, from, to)) {
    const lines = linesOf(block, matches)
    if (lines.length > 0) yield lines
    await giveWay()
  }
}

async function giveWay(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve))
}

/** Whole lines from `from` up to `to`. Its files are opened at once, so what is deleted meanwhile is still read. */
function* blocksForwards(segments: Segment[], from: number, to: number): Generator<Block> {
  const open = segments.filter(segment => segment.start < to && segment.start + segment.bytes > from).map(openSegment)
  try {
    for (const segment of open) yield* blocksOf(segment, Math.max(from, segment.start), Math.min(to, segment.start + segment.bytes))
  } finally {
    for (const {fd} of open) if (fd !== undefined) closeSync(fd)
  }
}

/** Whole lines before `to`, the last block first. */
export function* blocksBackwards(segments: Segment[], to: number): Generator<Block> {
  for (const segment of [...segments].reverse()) {
    const {fd} = openSegment(segment)
    if (fd === undefined) continue
    try {
      yield* blocksOfBackwards(fd, segment.start, Math.min(to, segment.start + segment.bytes))
    } finally {
      closeSync(fd)
    }
  }
}

type OpenSegment = Segment & {fd: number | undefined}

/** A file that is gone (removed as too old, or by hand) has no lines. */
function openSegment(segment: Segment): OpenSegment {
  try {
    return {...segment, fd: openSync(segment.path, 'r')}
  } catch {
    return {...segment, fd: undefined}
  }
}

function* blocksOf({fd, start}: OpenSegment, from: number, to: number): Generator<Block> {
  let position = from
  while (fd !== undefined && position < to) {
    const text = readPart(fd, position - start, to - position)
    const length = text.lastIndexOf('\n') + 1
    if (length === 0) return
    yield {from: position, text: text.slice(0, length)}
    position += length
  }
}

function* blocksOfBackwards(fd: number, start: number, to: number): Generator<Block> {
  let end = to
  let rest = ''
  while (end > start) {
    const from = Math.max(start, end - blockBytes)
    const text = readPart(fd, from - start, end - from) + rest
    // The first line of a block may have begun in the one before it.
    const length = from === start ? 0 : text.indexOf('\n') + 1
    rest = text.slice(0, length)
    yield {from: from + length, text: text.slice(length)}
    end = from
  }
}
