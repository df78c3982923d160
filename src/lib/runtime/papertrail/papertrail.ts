import {PlatformError} from '../../schema/errors.js'
import {type AlertFrequency, frequencies} from '../../schema/papertrail.js'
import type {AddonRecord} from '../addons/addons.js'
import {type ServedDeps, ServedService} from '../addons/served-service.js'
import type {LogLine} from '../logplex/logplex.js'
import {compileQuery} from '../logplex/search-query.js'
import {Bell} from '../support/bell.js'
import {type AlertDeps, look} from './alerts.js'
import type {SearchRecord} from './search-table.js'

export interface PapertrailDeps extends AlertDeps, ServedDeps {}

/** No single wait is longer, in ms: while a machine sleeps, its timers stand still. */
const longestWaitMs = 30_000
/** Newest lines that the logplex finds backwards. */
const mostAtOnce = 1500
/** Searches that an add-on may keep. */
const mostSearches = 50

export interface WantedSearch {
  name: string
  query: string
  alert?: {frequency: AlertFrequency; minimum: number; webhook?: string | undefined} | undefined
}

/** Part of a log that is searched: lines after `minId`, up to `maxId`. */
export interface EventRange {
  minId?: number | undefined
  maxId?: number | undefined
  since?: Date | undefined
  until?: Date | undefined
  limit: number
}

export interface FoundEvents {
  lines: LogLine[]
  whole: boolean
  seen: number
}

/** Searches in the logs of apps that have the add-on, and looks by itself for what is saved with an alert. */
export class Papertrail {
  private readonly bell = new Bell()
  private readonly closing = new AbortController()
  private waiting: Promise<void> | undefined

  /** Its add-ons. */
  readonly service: ServedService

  constructor(private readonly deps: PapertrailDeps) {
    this.service = new ServedService('papertrail', 'Papertrail', deps)
  }

  /** Looks when a search is due, until `close`. Again is nothing. */
  start(): void {
    this.waiting ??= this.wait().catch(error => {
      if (!this.closing.signal.aborted) this.deps.log.error('saved searches are not looked at', {error})
    })
  }

  async close(): Promise<void> {
    this.closing.abort(new Error('the runtime is closing'))
    await this.waiting
  }

  list({id}: AddonRecord): SearchRecord[] {
    return this.deps.table.list(id)
  }

  /** Takes the place of one of that name; what is there already is no reason for an alert. Throws invalid_params for a query that is none. */
  save(addon: AddonRecord, {name, query, alert}: WantedSearch): SearchRecord {
    compileQuery(query)
    const {table, clock, logplex} = this.deps
    if (table.list(addon.id).filter(one => one.name !== name).length >= mostSearches)
      throw new PlatformError('invalid_params', `An app can have ${mostSearches} saved searches at most.`)
    const now = clock.now()
    const due = alert && {
      ...alert,
      webhook: alert.webhook,
      seen: logplex.end(addon.appId),
      dueAt: new Date(now.getTime() + frequencies[alert.frequency] * 1000),
      triggeredAt: undefined,
    }
    const saved = table.save({addonId: addon.id, appId: addon.appId, name, query, alert: due, createdAt: now})
    this.bell.ring()
    return saved
  }

  /** By name or id. Throws not_found. */
  remove(addon: AddonRecord, identity: string): SearchRecord {
    const found = this.list(addon).find(one => one.id === identity || one.name === identity)
    if (found === undefined) throw new PlatformError('not_found', `Couldn't find a saved search ${identity}.`)
    this.deps.table.remove(found.id)
    return found
  }

  /**
   * The newest lines that match, oldest first, whether there are no older ones, and up to which line newer ones were looked for. Throws
   * invalid_params.
   */
  async events(addon: AddonRecord, query: string, range: EventRange, signal: AbortSignal): Promise<FoundEvents> {
    const {minId, maxId, since, until, limit} = range
    const end = until === undefined ? Math.min(this.deps.logplex.end(addon.appId), maxId ?? Number.POSITIVE_INFINITY) : 0
    const request = {
      // Read backwards, a search for the newest lines ends when there are enough; one more tells whether those were all.
      lines: maxId === undefined && limit < mostAtOnce ? limit + 1 : ('all' as const),
      tail: false,
      grep: compileQuery(query),
      ...(minId !== undefined && {after: minId}),
      ...(since !== undefined && {since}),
      ...(until !== undefined && {until}),
    }
    const lines: LogLine[] = []
    let dropped = 0
    for await (const batch of this.deps.logplex.read(addon.appId, request, signal)) {
      for (const line of batch) if (maxId === undefined || line.id <= maxId) lines.push(line)
      dropped += lines.splice(0, Math.max(0, lines.length - limit)).length
    }
    return {lines, whole: dropped === 0, seen: Math.max(lines.at(-1)?.id ?? minId ?? 0, end)}
  }

  private async wait(): Promise<void> {
    const {table, clock, log} = this.deps
    const {signal} = this.closing
    while (!signal.aborted) {
      for (const search of table.due(clock.now()))
        await look(this.deps, search, signal).catch(error => {
          signal.throwIfAborted()
          log.error('a saved search is not looked at', {search: search.name, error})
          table.looked(search.id, {...search.alert, dueAt: new Date(clock.now().getTime() + longestWaitMs)})
        })
      await this.pause(table.nextDue(), signal)
    }
  }

  private async pause(due: Date | undefined, signal: AbortSignal): Promise<void> {
    const {clock} = this.deps
    const over = new AbortController()
    const either = AbortSignal.any([signal, over.signal])
    const ms = due === undefined ? undefined : Math.min(Math.max(due.getTime() - clock.now().getTime(), 100), longestWaitMs)
    const rung = this.bell.rung(either)
    await Promise.race(ms === undefined ? [rung] : [rung, clock.sleep(ms, either).catch(() => undefined)])
    over.abort()
  }
}
