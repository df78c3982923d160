import {frequencies} from '../../schema/papertrail.js'
import type {Grep} from '../logplex/grep.js'
import type {LogLine, Logplex} from '../logplex/logplex.js'
import {compileQuery} from '../logplex/search-query.js'
import type {Clock} from '../support/clock.js'
import {fetchFailure} from '../support/fetch-failure.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import {eventOf} from './events.js'
import type {AlertRecord, SearchRecord, SearchTable} from './search-table.js'

export interface AlertDeps {
  table: SearchTable
  logplex: Pick<Logplex, 'read' | 'end' | 'append'>
  /** By id; undefined when it is gone. */
  app(id: string): {id: string; name: string} | undefined
  clock: Clock
  log: RuntimeLog
}

type Alerting = SearchRecord & {alert: AlertRecord}

/** Newest lines that a webhook gets. */
const told = 100
/** An answer of a webhook must come within this, in ms. */
const patience = 10_000
const tries = 3

/**
 * Looks at the lines since the last look, and tells of them when there are enough. That it looked is stored last: whoever is told may be told
 * twice, after a kill, but not never.
 */
export async function look(deps: AlertDeps, search: Alerting, signal: AbortSignal): Promise<void> {
  const {table, logplex, clock} = deps
  const {alert} = search
  const seen = logplex.end(search.appId)
  const lines: LogLine[] = []
  let count = 0
  const request = {lines: 'all', tail: false, after: alert.seen, grep: others(compileQuery(search.query))} as const
  for await (const batch of logplex.read(search.appId, request, signal)) {
    const news = batch.filter(one => one.id <= seen)
    count += news.length
    lines.push(...news)
    lines.splice(0, Math.max(0, lines.length - told))
  }
  const now = clock.now()
  const enough = count > 0 && count >= alert.minimum
  if (enough) await tell(deps, search, {count, lines}, signal)
  const dueAt = new Date(now.getTime() + frequencies[alert.frequency] * 1000)
  table.looked(search.id, {seen, dueAt, triggeredAt: enough ? now : alert.triggeredAt})
}

/** What is told of an alert is no reason for another. */
function others(matches: Grep): Grep {
  return line => !line.includes(' app[papertrail]: ') && matches(line)
}

async function tell(deps: AlertDeps, search: Alerting, found: {count: number; lines: LogLine[]}, signal: AbortSignal): Promise<void> {
  const {logplex, clock} = deps
  const say = (message: string): void => logplex.append(search.appId, {at: clock.now(), source: 'app', ps: 'papertrail', message})
  const times = found.count === 1 ? '1 line matches' : `${found.count} lines match`
  say(`Alert ${search.name}: ${times} ${search.query} (${search.alert.frequency})`)
  if (search.alert.webhook === undefined) return
  const problem = await post(deps, search, found.lines, signal)
  if (problem !== undefined) say(`Alert ${search.name} did not reach its webhook at ${new URL(search.alert.webhook).host}: ${problem}`)
}

/** Why it could not be told; undefined when it was. */
async function post({app, clock}: AlertDeps, search: Alerting, lines: LogLine[], signal: AbortSignal): Promise<string | undefined> {
  const owner = app(search.appId) ?? {id: search.appId, name: search.appId}
  const {id, name, query} = search
  const payload = {
    events: lines.map(line => eventOf(line, owner)),
    saved_search: {id, name, query},
    min_id: String(lines[0]?.id ?? ''),
    max_id: String(lines.at(-1)?.id ?? ''),
    frequency: search.alert.frequency,
  }
  const body = new URLSearchParams({payload: JSON.stringify(payload)})
  let problem: string | undefined
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    problem = await fetch(search.alert.webhook as string, {
      method: 'POST',
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
    })
      .then(answer => (answer.ok ? undefined : `it answered ${answer.status}`))
      .catch(fetchFailure)
    signal.throwIfAborted()
    if (problem === undefined || attempt === tries) return problem
    await clock.sleep(1000 * attempt, signal)
  }
  return problem
}
