import {usageError} from './command-error.js'
import {shellQuote} from './formats/styled.js'

/** Config vars as a text to edit: `NAME=value` lines by name, quoted as a shell would have them. `parseConfigText` reads it back unchanged. */
export function configText(vars: Record<string, string>): string {
  return Object.keys(vars)
    .sort()
    .map(name => `${name}=${vars[name] === '' ? '' : shellQuote(vars[name] as string)}\n`)
    .join('')
}

/**
 * Reads such a text: words as in a shell ('…', "…", \x), values over several lines inside quotes, empty lines and # comments.
 * Nothing is expanded. Throws a usage error that names the line.
 */
export function parseConfigText(text: string): Record<string, string> {
  const rest = new Cursor(text.replaceAll('\r\n', '\n'))
  const vars: Record<string, string> = {}
  while (!rest.atEnd()) {
    if (rest.take(/[ \t\n]+|#[^\n]*/y) !== undefined) continue
    const line = rest.line()
    const name = rest.take(/(?:export[ \t]+)?([A-Za-z_]\w*)=/y)?.[1]
    if (name === undefined) throw usageError(`Line ${line}: expected NAME=value.`)
    vars[name] = readValue(rest, line)
  }
  return vars
}

const parts = {
  single: /'([^']*)'/y,
  double: /"((?:[^"\\]|\\[\s\S])*)"/y,
  escaped: /\\([\s\S])/y,
  bare: /[^'"\\\n]+/y,
}

function readValue(rest: Cursor, line: number): string {
  let value = ''
  while (!rest.atEnd() && rest.take(/(?=\n)/y) === undefined) {
    const double = rest.take(parts.double)?.[1]?.replace(/\\(["\\$`])/g, '$1')
    const part = double ?? rest.take(parts.single)?.[1] ?? rest.take(parts.escaped)?.[1] ?? rest.take(parts.bare)?.[0]
    if (part === undefined) throw usageError(`Line ${line}: a quote is not closed.`)
    value += part
  }
  // Blanks at the end of a line are nobody's intention; quoted ones are part of the value.
  return rest.endedBare() ? value.trimEnd() : value
}

class Cursor {
  private at = 0
  private last: RegExp | undefined

  constructor(private readonly text: string) {}

  atEnd(): boolean {
    return this.at >= this.text.length
  }

  line(): number {
    return this.text.slice(0, this.at).split('\n').length
  }

  /** Whether what was taken last was neither quoted nor escaped. */
  endedBare(): boolean {
    return this.last === parts.bare
  }

  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at
    const match = pattern.exec(this.text)
    if (match === null) return undefined
    this.at += match[0].length
    if (match[0] !== '') this.last = pattern
    return match
  }
}

export interface ConfigDifference {
  name: string
  before: string | undefined
  after: string | undefined
}

/** What differs, by name. */
export function configDifferences(before: Record<string, string>, after: Record<string, string>): ConfigDifference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return names.filter(name => before[name] !== after[name]).map(name => ({name, before: before[name], after: after[name]}))
}
