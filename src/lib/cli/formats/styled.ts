import {stripVTControlCharacters} from 'node:util'

export type StyledValue = string | number | boolean | null | undefined | readonly string[]

/** `Key:   value` lines; values start in one column, lists go on below; absent values and empty lists are left out. */
export function styledObject(object: Record<string, StyledValue>, paintKey: (key: string) => string = key => key): string[] {
  const present = Object.entries(object).filter(
    ([, value]) => value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0),
  )
  const column = Math.max(0, ...present.map(([key]) => stripVTControlCharacters(key).length)) + 2
  return present.flatMap(([key, value]) => {
    const [first = '', ...rest] = Array.isArray(value) ? (value as readonly string[]) : [String(value)]
    const head = `${key}:`.padEnd(column)
    return [`${paintKey(head)}${first}`, ...rest.map(line => `${' '.repeat(column)}${line}`)]
  })
}

/** A word as a POSIX shell would read it back; quoted only when it must be. */
export function shellQuote(text: string): string {
  if (/^[A-Za-z0-9_\-.,:/@%+=]+$/.test(text)) return text
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
