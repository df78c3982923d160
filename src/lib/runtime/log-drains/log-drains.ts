import {PlatformError} from '../../schema/errors.js'
import type {Logplex} from '../logplex/logplex.js'
import {type Clock, doneWithin} from '../support/clock.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import {drain} from './drain.js'
import {HttpCarrier} from './http-delivery.js'
import type {LogDrainRecord, LogDrainTable} from './log-drain-table.js'
import {SyslogCarrier} from './syslog-delivery.js'

interface LogDrainsDeps {
  table: LogDrainTable
  logplex: Logplex
  clock: Clock
  log: RuntimeLog
}

/** How often the place a busy drain has come to is written down, in ms: as much may arrive twice when the runtime is killed. */
const noteEvery = 2000

/** How long what is being sent has when the runtime stops, in ms: what its receiver took and we did not hear of it would arrive twice. */
const parting = 2000

interface Running {
  ending: AbortController
  cut: AbortController
  ended: Promise<void>
}

/** The log drains of all apps: what is wanted, and what runs because of it. */
export class LogDrains {
  private readonly running = new Map<string, Running>()

  constructor(private readonly deps: LogDrainsDeps) {}

  /** Goes on with every drain there is. */
  start(): void {
    for (const record of this.deps.table.all()) this.run(record)
  }

  list(appId: string): LogDrainRecord[] {
    return this.deps.table.list(appId)
  }

  /** By id, token or URL; throws not_found. */
  find(appId: string, identity: string): LogDrainRecord {
    return this.deps.table.find(appId, identity)
  }

  /** From now on the app's lines go there, too. Throws invalid_params. */
  add(appId: string, url: string): LogDrainRecord {
    const record = this.deps.table.add(appId, url, this.deps.logplex.end(appId))
    this.run(record)
    return record
  }

  /** The drain of an add-on; one that is there already goes to another URL if that has changed. Throws invalid_params. */
  ensure(wanted: {appId: string; addonId: string; url: string; token: string}): LogDrainRecord {
    const present = this.listOf(wanted.addonId)
    const same = present.find(one => one.url === wanted.url)
    if (same !== undefined) return same
    const record = this.deps.table.insert(wanted, this.deps.logplex.end(wanted.appId))
    for (const {id} of present) void this.drop(id)
    this.run(record)
    return record
  }

  /** Those of an add-on. */
  listOf(addonId: string): LogDrainRecord[] {
    return this.deps.table.all().filter(one => one.addonId === addonId)
  }

  async removeOf(addonId: string): Promise<void> {
    for (const {id} of this.listOf(addonId)) await this.drop(id)
  }

  /** Resolves when nothing more is sent; throws not_found, and forbidden for the drain of an add-on. */
  async remove(appId: string, identity: string): Promise<LogDrainRecord> {
    const record = this.find(appId, identity)
    if (record.addonId !== undefined)
      throw new PlatformError('forbidden', 'Log drains added by add-ons can only be removed by removing the add-on.')
    await this.drop(record.id)
    return record
  }

  /** The app goes, and with it what was not delivered. */
  async removeApp(appId: string): Promise<void> {
    for (const {id} of this.deps.table.list(appId)) await this.drop(id)
  }

  async close(): Promise<void> {
    await Promise.all([...this.running.keys()].map(id => this.end(id, parting)))
  }

  private run(record: LogDrainRecord): void {
    const {table, clock, log} = this.deps
    const [ending, cut] = [new AbortController(), new AbortController()]
    const delivered = table.delivered(record.id)
    let [last, noted, notedAt] = [delivered, delivered, clock.now().getTime()]
    const note = (): void => {
      if (last === noted) return
      try {
        table.setDelivered(record.id, last)
        ;[noted, notedAt] = [last, clock.now().getTime()]
      } catch (error) {
        // A disk that is full keeps nobody's lines from them.
        log.error('the place a log drain has come to is not written down', {app: record.appId, drain: record.id, error})
      }
    }
    const onDelivered = (line: number, waiting: number): void => {
      last = line
      if (waiting === 0 || clock.now().getTime() - notedAt >= noteEvery) note()
    }
    const carrier = record.url.startsWith('http') ? new HttpCarrier(record.url, record.token) : new SyslogCarrier(record.url, record.token)
    const ended = drain(record, {...this.deps, carrier, delivered, onDelivered}, {ending: ending.signal, cut: cut.signal}).finally(() => {
      note()
      this.running.delete(record.id)
    })
    this.running.set(record.id, {ending, cut, ended})
  }

  private async drop(id: string): Promise<void> {
    this.deps.table.remove(id)
    await this.end(id)
  }

  private async end(id: string, patience = 0): Promise<void> {
    const running = this.running.get(id)
    if (running === undefined) return
    running.ending.abort()
    if (patience > 0) await doneWithin(this.deps.clock, patience, running.ended)
    running.cut.abort()
    await running.ended
  }
}
