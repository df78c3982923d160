import type {Readable} from 'node:stream'
import {PlatformError} from '../../schema/errors.js'
import type {AddonRecord} from '../addons/addons.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import {Queues} from '../support/queues.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {BackupSchedules} from './backup-schedules.js'
import type {BackupStores} from './backup-stores.js'
import {expired, retentionOf} from './retention.js'
import {canTransfer, dump, load, sizeOf, stopInside, type TransferOptions, type TransferWork} from './run-transfer.js'
import type {TransferLine, TransferRecord, TransferTable, WantedTransfer} from './transfer-table.js'

export interface TransfersDeps {
  work: TransferWork & {addons: TransferWork['addons'] & {get(identity: string): AddonRecord}}
  table: TransferTable
  schedules: BackupSchedules
  store: Store
  clock: Clock
  log: RuntimeLog
}

/** One that waits or runs in this process. */
interface Running {
  abort: AbortController
  bytes: number
  lines: TransferLine[]
}

/** How often the schedules are looked at, in ms. */
const lookEvery = 30_000

const day = 24 * 60 * 60 * 1000

/** What a dump of this home is called where a URL of one is expected. */
const ownSource = /^backup:([0-9a-f-]{36})$/

/** Backups, restores and copies of databases: stored as wanted, then done, one at a time for each database. */
export class Transfers {
  private readonly running = new Map<string, Running>()
  private readonly queues = new Queues()
  private readonly closing = new AbortController()
  private leftOver: TransferRecord[] = []

  constructor(private readonly deps: TransfersDeps) {}

  get schedules(): BackupSchedules {
    return this.deps.schedules
  }

  /** Before anything can arrive: what an earlier runtime was at has failed, for half a dump is none. */
  recover(): void {
    this.leftOver = this.deps.table.unfinished()
    for (const one of this.leftOver) if (!replaces(one)) this.finishLeftOver(one, false, 'The data is as it was.')
  }

  private finishLeftOver({id, processedBytes, warnings, log}: TransferRecord, succeeded: boolean, outcome: string): void {
    const {table, clock} = this.deps
    const message = `The runtime ended before this was done. ${outcome}`
    table.finish(id, {succeeded, processedBytes, warnings, log: [...log, {created_at: spaced(clock.now()), message}]})
  }

  /** Tidies up and looks after the schedules, in the background, until `close`. */
  start(): void {
    const {log} = this.deps
    void this.tidy().catch(error => log.error('backups not tidied', {error}))
    void this.followSchedules().catch(error => log.error('backup schedules not followed', {error}))
  }

  /** What runs is broken off; the next runtime says so. */
  async close(): Promise<void> {
    this.closing.abort()
    await this.queues.idle()
  }

  /** Resolves when nothing waits or runs. */
  idle(): Promise<void> {
    return this.queues.idle()
  }

  /** Throws invalid_params for a service without backups, conflict for a database that is not there yet. */
  capture(addon: AddonRecord, scheduleId?: string): TransferRecord {
    this.check(addon)
    const store = this.deps.work.stores.current
    return this.begin({...intoAddon(addon, 'backup'), toName: 'BACKUP', store, ...(scheduleId !== undefined && {scheduleId})})
  }

  /** Restores a backup into a database that nobody sees, beside that of an add-on, and removes it again. Throws like `restore`. */
  verify(backupId: string, addon?: AddonRecord): TransferRecord {
    const {id, appId, addonId, fromName} = this.backup(backupId)
    const server = addon ?? found(() => this.deps.work.addons.get(addonId))
    if (server === undefined)
      throw new PlatformError('not_found', `The database of this backup is gone. Name another one that shall try to restore it.`)
    this.check(server)
    const wanted = {...intoAddon(server, 'verify'), appId, fromName, toName: server.name}
    return this.begin({...wanted, source: `backup:${id}`, verifies: id})
  }

  get stores(): BackupStores {
    return this.deps.work.stores
  }

  /** `source`: `backup:UUID` or a URL of http(s). Throws like `capture`, and not_found when there is no such backup. */
  restore(addon: AddonRecord, source: string, extensions: string[] = []): TransferRecord {
    this.check(addon)
    const own = ownSource.exec(source)?.[1]
    if (own === undefined && !/^https?:\/\//i.test(source))
      throw new PlatformError('invalid_params', `${source} is neither a backup nor the URL of one.`)
    const wrong = extensions.find(one => !/^([a-z_][\w$]*\.)?[a-z_][\w-]*$/i.test(one))
    if (wrong !== undefined) throw new PlatformError('invalid_params', `${wrong} is no name of an extension.`)
    const fromName = own === undefined ? 'BACKUP' : this.backup(own).fromName
    return this.begin({...intoAddon(addon, 'restore'), fromName, source, extensions})
  }

  /** Replaces the data of `to` by that of `from`. Throws like `capture`. */
  copy(from: AddonRecord, to: AddonRecord): TransferRecord {
    for (const one of [from, to]) this.check(one)
    if (from.id === to.id) throw new PlatformError('invalid_params', 'Cannot copy database onto itself')
    return this.begin({...intoAddon(to, 'copy'), fromName: from.name, source: from.id})
  }

  /** Of an app, the newest first. */
  list(appId: string): TransferRecord[] {
    return this.deps.table.list(appId).map(one => this.now(one))
  }

  /** By number or id; throws not_found. */
  resolve(appId: string, identity: string): TransferRecord {
    return this.now(this.deps.table.resolve(appId, identity))
  }

  /** One that is over stays as it is. */
  cancel(transfer: TransferRecord): void {
    this.deps.table.cancel(transfer.id)
    this.running.get(transfer.id)?.abort.abort()
  }

  async delete(transfer: TransferRecord): Promise<void> {
    this.cancel(transfer)
    this.deps.table.delete(transfer.id)
    await this.removeLeftovers()
  }

  /** Before an app goes, with its databases. */
  async removeApp(appId: string): Promise<void> {
    const all = this.deps.table.list(appId)
    for (const transfer of all) this.cancel(transfer)
    for (const addonId of new Set(all.map(one => one.addonId))) await this.queues.run(addonId, () => undefined)
    for (const transfer of all) await this.delete(transfer)
  }

  /** The dump of a backup, in the clear, and how many bytes it has. Throws not_found when it has none. */
  read(id: string): {dump: Readable; bytes: number} {
    const {processedBytes: bytes, store} = this.backup(id)
    return {bytes, dump: this.deps.work.stores.of(store).read(id)}
  }

  /** Throws not_found for what has no dump. */
  checkBackup(id: string): void {
    this.backup(id)
  }

  private backup(id: string): TransferRecord {
    const found = this.deps.table.get(id)
    if (found?.kind === 'backup' && found.succeeded === true) return found
    throw new PlatformError('not_found', "Couldn't find that backup.", {resource: 'transfer'})
  }

  /** Throws as `capture` does. */
  check(addon: AddonRecord): void {
    if (!canTransfer(this.deps.work.addons, addon)) throw new PlatformError('invalid_params', `${addon.service} has no backups.`)
    if (addon.state !== 'provisioned') throw new PlatformError('conflict', `${addon.name} is not yet provisioned.`)
  }

  private begin(wanted: WantedTransfer): TransferRecord {
    const transfer = this.deps.table.insert(wanted)
    const running = {abort: new AbortController(), bytes: 0, lines: []}
    this.running.set(transfer.id, running)
    void this.queues
      .run(transfer.addonId, () => this.run(transfer, running))
      .catch(error => this.deps.log.error('transfer not written down', {transfer: transfer.id, error}))
      .finally(() => this.running.delete(transfer.id))
    return transfer
  }

  private async run(transfer: TransferRecord, running: Running): Promise<void> {
    const {clock, table} = this.deps
    const line = (message: string): void => void running.lines.push({created_at: spaced(clock.now()), message})
    const bytes = (count: number): void => void Object.assign(running, {bytes: count})
    const signal = AbortSignal.any([running.abort.signal, this.closing.signal])
    const result = {succeeded: false, warnings: 0}
    try {
      signal.throwIfAborted()
      result.warnings = await this.carryOut(transfer, {events: {line, bytes}, signal})
      result.succeeded = true
    } catch (error) {
      line(running.abort.signal.aborted ? 'It was canceled.' : (error as Error).message)
    }
    // The next runtime says how it ended: this one has let go of the store, or will soon.
    if (this.closing.signal.aborted) return
    await this.letGo(transfer, result)
    if (!result.succeeded && (await this.replacedAllTheSame(transfer))) {
      line('The data was replaced all the same.')
      result.succeeded = true
    }
    table.finish(transfer.id, {...result, processedBytes: running.bytes, log: running.lines})
    if (transfer.kind === 'backup') await this.expire(transfer)
    if (transfer.kind === 'backup' && result.succeeded) this.verifyWhenDue(transfer)
  }

  /** Its server may have been killed with it, and not be back yet: what replaces data is told once the database says whether it did. */
  private async replacedAllTheSame(transfer: TransferRecord): Promise<boolean> {
    if (transfer.kind === 'backup') return false
    const cleared = this.clearInside(transfer)
    return replaces(transfer) && (await cleared) === true
  }

  /** What was written on the way, unless it is a backup that somebody wants. */
  private async letGo(transfer: TransferRecord, {succeeded}: {succeeded: boolean}): Promise<void> {
    const {table, work, log} = this.deps
    if (transfer.kind !== 'backup') return await work.files.remove(transfer.id)
    if (succeeded && table.get(transfer.id) !== undefined) return
    await work.stores
      .of(transfer.store)
      .remove(transfer.id)
      .catch(error => log.info('what came of a backup is not removed', {backup: transfer.num, error}))
  }

  /** A schedule has its newest backup restored for a test, daily or once a week. */
  private verifyWhenDue({id, num, scheduleId}: TransferRecord): void {
    const {table, schedules, clock, log} = this.deps
    const policy = scheduleId === undefined ? 'never' : (schedules.get(scheduleId)?.verify ?? 'never')
    if (scheduleId === undefined || policy === 'never') return
    const last = table.lastVerified(scheduleId)
    // A day is as long as between two backups: the clock may have been a little faster this time.
    if (policy === 'weekly' && last !== undefined && clock.now().getTime() - last.getTime() < 6.5 * day) return
    try {
      this.verify(id)
    } catch (error) {
      log.error('backup not verified', {backup: num, error})
    }
  }

  /** Resolves with the number of warnings. */
  private async carryOut(transfer: TransferRecord, how: TransferOptions): Promise<number> {
    const {work, table} = this.deps
    const {files} = work
    const addon = work.addons.get(transfer.addonId)
    const from = transfer.kind === 'copy' ? work.addons.get(transfer.source as string) : addon
    const reads = transfer.kind === 'restore' || transfer.kind === 'verify'
    table.begin(transfer.id, reads ? 0 : await sizeOf(work, from))
    how.events.line(`${transfer.kind} of ${transfer.fromName} started`)
    if (reads) return await this.restoreFrom(transfer, addon, how)
    const into = transfer.kind === 'backup' ? work.stores.of(transfer.store) : files
    await dump(work, from, transfer.id, {...how, into})
    if (transfer.kind === 'backup') await into.keep(transfer.id)
    else {
      const bytes = this.running.get(transfer.id)?.bytes ?? 0
      return await load(work, addon, transfer, {...how, from: files.readPartial(transfer.id), bytes})
    }
    return 0
  }

  private async restoreFrom(transfer: TransferRecord, addon: AddonRecord, how: TransferOptions): Promise<number> {
    const {work} = this.deps
    const source = transfer.source as string
    const own = ownSource.exec(source)?.[1]
    const running = this.running.get(transfer.id)
    if (own !== undefined) {
      const {dump: from, bytes} = this.read(own)
      how.events.bytes(bytes)
      return await load(work, addon, transfer, {...how, from, bytes})
    }
    how.events.line('Downloading the dump')
    await work.files.write(transfer.id, await work.download(source, how.signal), {onBytes: how.events.bytes, signal: how.signal})
    const from = work.files.readPartial(transfer.id)
    return await load(work, addon, transfer, {...how, from, bytes: running?.bytes ?? 0})
  }

  /** With what it has done so far. */
  private now(transfer: TransferRecord): TransferRecord {
    const running = this.running.get(transfer.id)
    if (running === undefined || transfer.finishedAt !== undefined) return transfer
    return {...transfer, processedBytes: running.bytes, log: running.lines}
  }

  private async expire({appId, addonId}: TransferRecord): Promise<void> {
    const {table, clock, work, log} = this.deps
    const {plan} = work.addons.get(addonId)
    const mine = table.list(appId).filter(one => one.kind === 'backup' && one.addonId === addonId && one.finishedAt !== undefined)
    for (const one of expired(mine, retentionOf(plan), clock.now())) {
      log.info('backup expired', {backup: one.num, database: one.fromName})
      await this.delete(one)
    }
  }

  /** Dumps of backups that are deleted. A store that is out of reach is asked again later. */
  private async removeLeftovers(): Promise<void> {
    const {table, work, log} = this.deps
    for (const {id, store} of table.leftovers())
      try {
        await work.stores.of(store).remove(id)
        table.forget(id)
      } catch (error) {
        log.info('a dump is removed later', {dump: id, store, error})
      }
  }

  private async tidy(): Promise<void> {
    const {work, table} = this.deps
    await Promise.all(this.leftOver.map(one => this.settleLeftOver(one)))
    await work.files.sweep(new Set([...table.backupIds('local'), ...this.running.keys()]))
    await this.removeLeftovers()
  }

  /** What replaces data may have done so without the runtime: the database knows. */
  private async settleLeftOver(transfer: TransferRecord): Promise<void> {
    const restored = await this.clearInside(transfer)
    if (!replaces(transfer) || this.closing.signal.aborted) return
    if (restored === undefined) this.finishLeftOver(transfer, false, 'Its database does not answer whether the data was replaced.')
    else this.finishLeftOver(transfer, restored, restored ? 'The data was replaced all the same.' : 'The data is as it was.')
  }

  /** Ends what a transfer left at work or lying in its server, as soon as that answers; whether it had replaced the data by then. */
  private async clearInside({addonId, id}: TransferRecord): Promise<boolean | undefined> {
    const {work, clock} = this.deps
    for (let tries = 0; tries < 24 && !this.closing.signal.aborted; tries += 1) {
      const addon = found(() => work.addons.get(addonId))
      if (addon === undefined) return undefined
      const restored = await stopInside(work, addon, id).catch(() => undefined)
      if (restored !== undefined) return restored
      await clock.sleep(5000, this.closing.signal).catch(() => undefined)
    }
    return undefined
  }

  private async followSchedules(): Promise<void> {
    const {clock} = this.deps
    const {signal} = this.closing
    while (!signal.aborted) {
      this.captureDue()
      await clock.sleep(lookEvery, signal).catch(() => undefined)
    }
  }

  private captureDue(): void {
    const {store, schedules, work, log} = this.deps
    store.transaction(() => {
      for (const {addonId, id, name} of schedules.takeDue())
        try {
          this.capture(work.addons.get(addonId), id)
        } catch (error) {
          log.error('scheduled backup not begun', {database: addonId, schedule: name, error})
        }
    })
  }
}

const replaces = ({kind}: TransferRecord): boolean => kind === 'restore' || kind === 'copy'

function intoAddon({id, appId, name}: AddonRecord, kind: TransferRecord['kind']): WantedTransfer {
  return {appId, kind, addonId: id, fromName: name, toName: name}
}

function found<T>(get: () => T): T | undefined {
  try {
    return get()
  } catch {
    return undefined
  }
}

/** As Heroku's data API writes times: `2026-11-22 11:01:31 +0000`. */
export function spaced(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} +0000`
}
