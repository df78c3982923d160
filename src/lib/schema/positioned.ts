import {type Document, type DocumentOptions, isCollection, isPair, isScalar, LineCounter, parseDocument, type SchemaOptions} from 'yaml'
import type {z} from 'zod'

/** A file of the user's, read and checked. */
export interface PositionedDocument<T> {
  /** What the text says, unchecked; undefined when it cannot be read at all. */
  raw: unknown
  /** Undefined when it does not follow the schema. */
  value: T | undefined
  /** All at once, in the file's order. */
  problems: Problem[]
  /** `heroku.yml:3:10`: where the value at that path begins, or the nearest place that exists. */
  place(path: readonly PropertyKey[]): string
}

export interface Problem {
  offset: number
  /** `heroku.yml:3:10 build.docker.web: should be a string` */
  text: string
}

/** Reads YAML, or JSON by the same parser, and checks it; problems carry file, line and column. */
export function readPositioned<T>(
  text: string,
  schema: z.ZodType<T>,
  {file, ...options}: {file: string} & DocumentOptions & SchemaOptions,
): PositionedDocument<T> {
  const lines = new LineCounter()
  const document = parseDocument(text.replace(/^\uFEFF/, ''), {...options, lineCounter: lines, prettyErrors: false})
  const at = (offset: number): string => {
    const {line, col} = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const place = (path: readonly PropertyKey[]): string => at(offsetOf(document, path))
  const unreadable = (problems: Problem[]): PositionedDocument<T> => ({raw: undefined, value: undefined, problems, place})
  if (document.errors.length > 0)
    return unreadable(document.errors.map(error => ({offset: error.pos[0], text: `${at(error.pos[0])} ${error.message}`})))
  let raw: unknown
  try {
    raw = document.toJS() ?? {}
  } catch (error) {
    // An alias without an anchor, or more of them than any file needs.
    return unreadable([{offset: 0, text: `${at(0)} ${(error as Error).message}`}])
  }
  const parsed = schema.safeParse(raw)
  if (parsed.success) return {raw, value: parsed.data, problems: [], place}
  const problems = parsed.error.issues.map(issue => ({
    offset: offsetOf(document, issue.path),
    text: problemText(place(issue.path), issue.path, issue.message),
  }))
  return {raw, value: undefined, problems: problems.sort((a, b) => a.offset - b.offset), place}
}

/** `heroku.yml:3:10 build.docker.web: should be a string` */
export function problemText(place: string, path: readonly PropertyKey[], message: string): string {
  return `${place} ${path.length === 0 ? '' : `${path.join('.')}: `}${message}`
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents
  let offset = 0
  for (const key of path) {
    if (!isCollection(node)) break
    const pair = node.items.find(item => isPair(item) && isScalar(item.key) && item.key.value === key)
    const next = pair !== undefined && isPair(pair) ? pair.value : node.get(key, true)
    const range = (next as {range?: [number, number, number]} | null | undefined)?.range
    if (range === undefined) break
    offset = range[0]
    node = next
  }
  return offset
}
