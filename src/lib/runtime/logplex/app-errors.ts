import type {AppError} from '../../schema/app-errors.js'
import {stampLength} from './line-format.js'
import type {Logplex} from './logplex.js'

/** Counts Heroku's error codes in what is kept of an app's log since a moment: H codes of the router, R codes of dynos. */
export async function appErrors(logplex: Logplex, appId: string, since: Date, signal: AbortSignal): Promise<AppError[]> {
  const rows = new Map<string, AppError>()
  for await (const lines of logplex.read(appId, {source: 'heroku', lines: 'all', tail: false, since}, signal))
    for (const {text} of lines) {
      const error = errorOfLine(text)
      if (error !== undefined) count(rows, error)
    }
  return [...rows.values()].sort(bySource)
}

const routerLine = /^heroku\[router\]: (?:sock=\w+ )?at=(\w+) code=(H\d\d) desc="([^"]*)"/
const dynoLine = /^heroku\[([\w-]+)\.\d+\]: Error (R\d\d) \(([^)]*)\)/
const levels: Record<string, AppError['level']> = {error: 'critical', warning: 'warning', info: 'info'}

/** The error that a line of `heroku[…]` tells of; undefined for all others. Pure. */
export function errorOfLine(text: string): Omit<AppError, 'count'> | undefined {
  const said = text.slice(stampLength + 1)
  const router = routerLine.exec(said)
  if (router !== null) {
    const [, at, name, description] = router as unknown as [string, string, string, string]
    return {source: 'router', name, level: levels[at] ?? 'critical', description}
  }
  const dyno = dynoLine.exec(said)
  if (dyno === null) return undefined
  const [, source, name, description] = dyno as unknown as [string, string, string, string]
  return {source, name, level: name === 'R16' ? 'info' : 'critical', description}
}

function count(rows: Map<string, AppError>, error: Omit<AppError, 'count'>): void {
  const key = `${error.source} ${error.name}`
  const row = rows.get(key)
  if (row === undefined) rows.set(key, {...error, count: 1})
  else row.count += 1
}

/** The router first, then process types by name, each by code. */
function bySource(a: AppError, b: AppError): number {
  if (a.source !== b.source) return a.source === 'router' || (b.source !== 'router' && a.source < b.source) ? -1 : 1
  return a.name < b.name ? -1 : 1
}
