import {type HerokuYml, herokuYml, knownKeys} from './heroku-yml-schema.js'
import {problemText, readPositioned} from './positioned.js'

export type {HerokuYml} from './heroku-yml-schema.js'

export interface ReadHerokuYml {
  /** Undefined when there are problems. */
  herokuYml: HerokuYml | undefined
  /** `heroku.yml:3:10 build.docker.web: …`, all of them at once, in the file's order. */
  problems: string[]
  /** Keys that Heroku does not know; Heroku adds keys, so they never fail anything. */
  warnings: string[]
  /** `heroku.yml:3:10 build.docker.web: <message>`, for what only the source can tell. */
  problem(path: readonly string[], message: string): string
}

/**
 * Reads heroku.yml. Every value is text as it stands there: `1.10` is no number, `yes` no truth value. Anchors, aliases and `<<` work.
 * Whether the Dockerfiles exist is not looked at.
 */
export function parseHerokuYml(text: string, file = 'heroku.yml'): ReadHerokuYml {
  const {raw, value, problems, place} = readPositioned(text, herokuYml, {file, schema: 'failsafe', merge: true})
  const problem = (path: readonly string[], message: string): string => problemText(place(path), path, message)
  const lost = imageProblems(raw).map(({path, message}) => problem(path, message))
  const warnings = strangeKeys(raw, []).map(path => problem(path, 'not a key of heroku.yml, ignored'))
  const all = [...problems.map(one => one.text), ...lost]
  return {herokuYml: all.length === 0 ? value : undefined, problems: inOrder(all), warnings, problem}
}

interface Lost {
  path: string[]
  message: string
}

/** Images that no build makes, and commands of which nobody can tell in which image they should run. */
function imageProblems(raw: unknown): Lost[] {
  const named = Object.keys(mapAt(mapAt(raw, 'build'), 'docker'))
  // A Dockerfile at the root counts as web's.
  const images = named.length > 0 ? named : ['web']
  const of = (path: string[], type: string, process: unknown): Lost[] => {
    const named = mapAt(process, undefined)['image']
    if (typeof named === 'string')
      return images.includes(named)
        ? []
        : [{path: [...path, 'image'], message: `${named} is not built; what is built: ${images.join(', ')}`}]
    if (images.length === 1 || images.includes(type)) return []
    return [{path, message: `say with image in which of ${images.join(', ')} it runs`}]
  }
  const release = mapAt(raw, undefined)['release']
  return [
    ...(release === undefined ? [] : of(['release'], 'release', release)),
    ...Object.entries(mapAt(raw, 'run')).flatMap(([type, process]) => of(['run', type], type, process)),
  ]
}

function strangeKeys(value: unknown, path: string[]): string[][] {
  if (typeof value !== 'object' || value === null) return []
  const known = Object.entries(knownKeys).find(([pattern]) => matches(pattern, path))?.[1]
  return Object.entries(value).flatMap(([key, inner]) =>
    known === undefined || known.includes(key) || Array.isArray(value) ? strangeKeys(inner, [...path, key]) : [[...path, key]],
  )
}

function matches(pattern: string, path: string[]): boolean {
  const parts = pattern === '' ? [] : pattern.split('.')
  return parts.length === path.length && parts.every((part, index) => part === '*' || part === path[index])
}

/** The map under that key, or the value itself; empty where there is no map. */
function mapAt(value: unknown, key: string | undefined): Record<string, unknown> {
  const found = key === undefined ? value : mapAt(value, undefined)[key]
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Record<string, unknown>) : {}
}

/** By line and column. */
function inOrder(problems: string[]): string[] {
  const position = (text: string): number[] => /:(\d+):(\d+) /.exec(text)?.slice(1).map(Number) ?? [0, 0]
  return [...problems].sort((a, b) => {
    const [[lineA = 0, colA = 0], [lineB = 0, colB = 0]] = [position(a), position(b)]
    return lineA - lineB || colA - colB
  })
}
