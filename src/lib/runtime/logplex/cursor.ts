import type {AppStream} from './app-stream.js'
import {blocksBackwards} from './history.js'
import {wholeLines} from './line-filter.js'
import {cut, isLine, stampLength} from './line-format.js'
import {withoutReturn} from './line-splitter.js'
import type {OutputCursor} from './logplex.js'

/** A line of the engine's copy, or anything like it. */
export interface CopiedLine {
  at: Date
  line: Buffer
}

const mostLines = 1000
const mostBytes = 1024 * 1024
/** The engine's times and ours differ by what a line takes to arrive, and by the drift of a VM's clock. */
const marginMs = 10_000

/**
 * The lines of the engine's copy that were not read yet. The boundary is where most of `cursor.tail`, read backwards, agrees with the
 * copy line by line; where several places agree equally (repeated lines), the one nearest in time. All lines when nothing agrees.
 */
export function linesAfter<T extends CopiedLine>(cursor: OutputCursor | undefined, lines: readonly T[]): T[] {
  if (cursor === undefined) return [...lines]
  const copy = lines.map(({line}) => firstEntry(line.toString('latin1')))
  const known = new Set(cursor.tail)
  let best = {count: 0, matched: 0, distance: Number.POSITIVE_INFINITY}
  for (let count = 1; count <= copy.length; count += 1) {
    if (!known.has(copy[count - 1] as string)) continue
    const matched = agreement(copy, count, cursor.tail, best.matched)
    const distance = Math.abs((lines[count - 1] as T).at.getTime() - cursor.last.getTime())
    if (matched > best.matched || (matched === best.matched && distance < best.distance)) best = {count, matched, distance}
  }
  return lines.slice(best.count)
}

/** A cursor after the last of these lines: to find where an attached reader's lines go on after the engine's copy. */
export function cursorAfter(lines: readonly CopiedLine[]): OutputCursor | undefined {
  const kept = lines.slice(-mostLines)
  const [first, last] = [kept[0], kept.at(-1)]
  if (first === undefined || last === undefined) return undefined
  return {at: new Date(first.at.getTime() - marginMs), tail: kept.map(({line}) => firstEntry(line.toString('latin1'))), last: last.at}
}

/** What the stream says was read of a dyno since offset `from`; undefined when nothing was. */
export function readCursor(stream: AppStream, ps: string, from: number): OutputCursor | undefined {
  const {segments, end} = stream.snapshot()
  const lines: string[] = []
  let scanned = 0
  for (const block of blocksBackwards(segments, end)) {
    const start = block.from
    lines.unshift(...dynoLines(block.text, start, from, ps))
    scanned += block.text.length
    if (lines.length >= mostLines || start <= from || (scanned > mostBytes && lines.length > 0)) break
  }
  const kept = lines.slice(-mostLines)
  const [first, last] = [kept[0], kept.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const text = stampLength + ` app[${ps}]: `.length
  return {at: new Date(lineTime(first) - marginMs), tail: kept.map(line => line.slice(text)), last: new Date(lineTime(last))}
}

function dynoLines(text: string, start: number, from: number, ps: string): string[] {
  const wanted = ` app[${ps}]: `
  const within = start >= from ? text : text.slice(from - start)
  return wholeLines({from: start, text: within}).filter(line => isLine(line) && line.startsWith(wanted, stampLength))
}

/** How many lines before `count` agree with the tail, backwards; lines of the tail may be somebody else's, lines of the copy may not. Gives up when `best` is out of reach. */
function agreement(copy: readonly string[], count: number, tail: readonly string[], best: number): number {
  let matched = 0
  for (let at = tail.length - 1; at >= 0 && matched < count && matched + at + 1 >= best; at -= 1)
    if (tail[at] === copy[count - 1 - matched]) matched += 1
  return matched
}

/** A line as the stream has it; of a line that was cut, the first piece (the other pieces count as somebody else's). */
function firstEntry(line: string): string {
  return cut(withoutReturn(line))[0] as string
}

/** `Date.parse` wants milliseconds. */
function lineTime(line: string): number {
  return Date.parse(`${line.slice(0, 23)}Z`)
}
