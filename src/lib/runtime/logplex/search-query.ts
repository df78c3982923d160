import {PlatformError} from '../../schema/errors.js'
import type {Grep} from './grep.js'
import {stampLength} from './line-format.js'

/** A line as a query looks at it, in lower case. */
interface Searched {
  /** `app/web.1` */
  program: string
  /** `app/web.1: message` */
  text: string
}

type Test = (line: Searched) => boolean

/**
 * Compiles a search in Papertrail's syntax: words and "phrases" that must all be there, wherever and in whatever case, `OR`, `AND`, `NOT` or
 * `-`, parentheses, and `program:web`. Matching takes time in proportion to line and query. Throws invalid_params with what is wrong.
 */
export function compileQuery(query: string): Grep {
  const tokens = tokensOf(query)
  if (tokens.length === 0) return () => true
  const reader = new Reader(tokens)
  const test = reader.either()
  if (reader.peek() !== undefined) throw fault(query, 'a parenthesis closes that was not opened')
  return line => test(searchedOf(line))
}

type Token = {kind: 'open' | 'close' | 'not' | 'or' | 'and'} | {kind: 'term'; program: boolean; text: string}

/** A word ends at a blank or a parenthesis; quotes may stand around all of it or after `program:`. */
const pattern = /\s+|(-)(?=[^\s)])|([()])|(program:)?(?:"([^"]*)"|'([^']*)'|([^\s()"']+(?:["'][^\s()]*)?))/giy

function tokensOf(query: string): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < query.length; ) {
    pattern.lastIndex = at
    const match = pattern.exec(query)
    if (match === null) throw fault(query, 'a quote is not closed')
    at = pattern.lastIndex
    const [, minus, bracket, attribute, double, single, word] = match
    if (minus !== undefined) tokens.push({kind: 'not'})
    else if (bracket !== undefined) tokens.push({kind: bracket === '(' ? 'open' : 'close'})
    else if ((double ?? single ?? word) !== undefined) tokens.push(termOf(attribute !== undefined, double ?? single, word))
  }
  return tokens
}

function termOf(program: boolean, quoted: string | undefined, word: string | undefined): Token {
  const kind = {OR: 'or', AND: 'and', NOT: 'not'} as const
  if (!program && word !== undefined && Object.hasOwn(kind, word)) return {kind: kind[word as keyof typeof kind]}
  return {kind: 'term', program, text: (quoted ?? word ?? '').toLowerCase()}
}

/** `OR` binds less than what stands side by side. */
class Reader {
  private at = 0

  constructor(private readonly tokens: Token[]) {}

  peek(): Token | undefined {
    return this.tokens[this.at]
  }

  either(): Test {
    const tests = [this.all()]
    while (this.peek()?.kind === 'or') {
      this.at += 1
      tests.push(this.all())
    }
    return tests.length === 1 ? (tests[0] as Test) : line => tests.some(test => test(line))
  }

  private all(): Test {
    const tests: Test[] = []
    for (let next = this.peek(); next !== undefined && next.kind !== 'or' && next.kind !== 'close'; next = this.peek()) {
      if (next.kind === 'and') this.at += 1
      tests.push(this.one())
    }
    if (tests.length === 0) throw fault('', 'OR, AND and parentheses stand between words')
    return line => tests.every(test => test(line))
  }

  private one(): Test {
    const next = this.tokens[this.at++]
    if (next?.kind === 'not') {
      const test = this.one()
      return line => !test(line)
    }
    if (next?.kind === 'open') return this.within()
    if (next?.kind !== 'term') throw fault('', 'OR, AND and NOT stand before a word')
    const {program, text} = next
    return line => (program ? line.program : line.text).includes(text)
  }

  private within(): Test {
    const test = this.either()
    if (this.tokens[this.at++]?.kind !== 'close') throw fault('', 'a parenthesis is not closed')
    return test
  }
}

function searchedOf(line: string): Searched {
  const said = line.slice(stampLength + 1).toLowerCase()
  const [open, close] = [said.indexOf('['), said.indexOf(']: ')]
  const program = `${said.slice(0, open)}/${said.slice(open + 1, close)}`
  return {program, text: `${program}${said.slice(close + 1)}`}
}

function fault(query: string, what: string): PlatformError {
  return new PlatformError('invalid_params', `This is no search${query === '' ? '' : ` (${query})`}: ${what}.`)
}
