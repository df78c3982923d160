import {type Document, isCollection, isPair, isScalar, LineCounter, parseDocument} from 'yaml'
import {type AppJson, appJson, knownKeys} from './app-json-schema.js'

export interface ReadAppJson {
  /** Undefined when there are problems. */
  appJson: AppJson | undefined
  /** `app.json:3:39 formation.web.quantity: …`, all of them at once, in the file's order. */
  problems: string[]
  /** Keys that Heroku does not know; Heroku adds keys, so they never fail anything. */
  warnings: string[]
}

/** Reads app.json. Problems carry line and column; keys of other tools (React Native and Expo use the same file name) are warnings. */
export function parseAppJson(text: string, file = 'app.json'): ReadAppJson {
  const lines = new LineCounter()
  const document = parseDocument(text.replace(/^\uFEFF/, ''), {lineCounter: lines, version: '1.2', schema: 'json', prettyErrors: false})
  const place = (offset: number): string => {
    const {line, col} = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const syntax = document.errors.map(error => `${place(error.pos[0])} ${error.message}`)
  if (syntax.length > 0) return {appJson: undefined, problems: syntax, warnings: []}
  const value: unknown = document.toJS() ?? {}
  const parsed = appJson.safeParse(value)
  const warnings = strangeKeys(value).map(path => `${place(offsetOf(document, path))} ${path.join('.')}: not a key of app.json, ignored`)
  if (parsed.success) return {appJson: parsed.data, problems: [], warnings}
  const problems = parsed.error.issues.map(issue => ({
    offset: offsetOf(document, issue.path),
    text: `${issue.path.length === 0 ? '' : `${issue.path.join('.')}: `}${issue.message}`,
  }))
  problems.sort((a, b) => a.offset - b.offset)
  return {appJson: undefined, problems: problems.map(problem => `${place(problem.offset)} ${problem.text}`), warnings}
}

/** Where the value at that path begins; the nearest place that exists when it is the value that is missing. */
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

function strangeKeys(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.keys(value)
    .filter(key => !knownKeys.has(key))
    .map(key => [key])
}
