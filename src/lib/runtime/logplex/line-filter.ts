import type {Grep} from './grep.js'
import {isAscii, isLine, stampLength, toPs, toText} from './line-format.js'
import type {LogFilter, LogLine} from './logplex.js'
import {stampOf} from './time-range.js'

/** Whole lines (bytes as latin1, each with its newline) and the stream offset at which they start. */
export interface Block {
  from: number
  text: string
}

/** Whether a line belongs to what is asked for. All filters must hold. */
export type LineMatch = (line: string) => boolean

export function lineMatch(filter: LogFilter): LineMatch {
  const {source, dyno, type, since, until, grep} = filter
  const tests = [sinceTest(since), untilTest(until), sourceTest(source), dynoTest(dyno), typeTest(type), grepTest(grep)].filter(
    test => test !== undefined,
  )
  if (tests.length === 0) return isLine
  return line => {
    if (!isLine(line)) return false
    const open = line.indexOf('[', stampLength)
    return open !== -1 && tests.every(test => test(line, open))
  }
}

/** The lines of a block that match, with their ids. */
export function linesOf(block: Block, matches: LineMatch): LogLine[] {
  const lines: LogLine[] = []
  const wide = Buffer.byteLength(block.text) !== block.text.length
  let id = block.from
  for (const line of wholeLines(block)) {
    id += line.length + 1
    if (matches(line)) lines.push({id, text: wide ? toText(line) : line})
  }
  return lines
}

/** A last line that has no newline is left out. */
export function wholeLines(block: Block): string[] {
  const lines = block.text.split('\n')
  lines.pop()
  return lines
}

type Test = (line: string, open: number) => boolean

function sinceTest(since: Date | undefined): Test | undefined {
  if (since === undefined) return undefined
  const stamp = stampOf(since)
  return line => line >= stamp
}

function untilTest(until: Date | undefined): Test | undefined {
  if (until === undefined) return undefined
  const stamp = stampOf(until)
  return line => line < stamp
}

function grepTest(grep: Grep | undefined): Test | undefined {
  if (grep === undefined) return undefined
  return line => grep(isAscii(line) ? line : toText(line))
}

function sourceTest(source: string | undefined): Test | undefined {
  if (source === undefined) return undefined
  const start = `${source}[`
  return line => line.startsWith(start, stampLength + 1)
}

/** A name without a number also means every dyno of that type: the official client puts `--process-type web` into this field. */
function dynoTest(dyno: string | undefined): Test | undefined {
  if (dyno === undefined) return undefined
  const ps = `${toPs(dyno)}]: `
  const ofType = dyno.includes('.') ? undefined : typeTest(dyno)
  return (line, open) => line.startsWith(ps, open + 1) || ofType?.(line, open) === true
}

function typeTest(type: string | undefined): Test | undefined {
  if (type === undefined) return undefined
  const start = `${toPs(type)}.`
  const number = /\d+\]: /y
  return (line, open) => {
    if (!line.startsWith(start, open + 1)) return false
    number.lastIndex = open + 1 + start.length
    return number.test(line)
  }
}
