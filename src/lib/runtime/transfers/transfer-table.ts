import {randomUUID} from 'node:crypto'
import {notFound} from '../../schema/errors.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {Seal} from '../support/seal.js'

export interface TransferRecord {
  /** UUID. */
  id: string
  /** The app that its database is billed to. */
  appId: string
  /** 1, 2, 3 … of the app, never given twice: `b001`, `r002`. */
  num: number
  kind: 'backup' | 'restore' | 'copy' | 'verify'
  /** The database whose data it takes, or that gets it. */
  addonId: string
  fromName: string
  toName: string
  /** Where a restore's dump comes from (`backup:UUID` or a URL); the id of the database that a copy reads. */
  source: string | undefined
  /** To be made before a restore, `hstore` or `schema.hstore`. */
  extensions: string[]
  scheduleId: string | undefined
  /** Id of the backup that it tests. */
  verifies: string | undefined
  /** Where a backup's dump lies (backup-stores.ts). */
  store: string
  /** Bytes of the data; 0 when not known. */
  sourceBytes: number
  /** Bytes of the dump. */
  processedBytes: number
  warnings: number
  log: TransferLine[]
  createdAt: Date
  startedAt: Date | undefined
  finishedAt: Date | undefined
  canceledAt: Date | undefined
  succeeded: boolean | undefined
}

export interface TransferLine {
  created_at: string
  message: string
}

export type WantedTransfer = Pick<TransferRecord, 'appId' | 'kind' | 'addonId' | 'fromName' | 'toName'> &
  Partial<Pick<TransferRecord, 'source' | 'extensions' | 'scheduleId' | 'store' | 'verifies'>>

type TransferResult = Pick<TransferRecord, 'succeeded' | 'processedBytes' | 'warnings' | 'log'>

interface TransferRow {
  id: string
  app_id: string
  num: number
  kind: string
  addon_id: string
  from_name: string
  to_name: string
  source_sealed: string | null
  extensions: string
  schedule_id: string | null
  verifies: string | null
  store: string
  source_bytes: number
  processed_bytes: number
  warnings: number
  log: string
  created_at: string
  started_at: string | null
  finished_at: string | null
  canceled_at: string | null
  succeeded: number | null
}

/** Transfers as they are stored. One that was deleted keeps its number and is found no more. */
export class TransferTable {
  constructor(
    private readonly store: Store,
    private readonly seal: Seal,
    private readonly clock: Clock,
  ) {}

  insert(wanted: WantedTransfer): TransferRecord {
    const {appId, kind, addonId, fromName, toName, source, extensions = [], scheduleId, verifies, store = 'local'} = wanted
    const id = randomUUID()
    // A URL may hold a password, or be one.
    const sealed = source === undefined ? null : this.seal.seal(source)
    this.store.run(
      `INSERT INTO transfers (id, app_id, num, kind, addon_id, from_name, to_name, source_sealed, extensions, schedule_id, verifies, store, created_at)
       VALUES (?, ?, (SELECT coalesce(max(num), 0) + 1 FROM transfers WHERE app_id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[
        id,
        appId,
        appId,
        kind,
        addonId,
        fromName,
        toName,
        sealed,
        extensions.join(','),
        scheduleId ?? null,
        verifies ?? null,
        store,
        this.now(),
      ],
    )
    return this.get(id) as TransferRecord
  }

  get(id: string): TransferRecord | undefined {
    const row = this.store.get<TransferRow>('SELECT * FROM transfers WHERE id = ? AND deleted_at IS NULL', id)
    return row && this.read(row)
  }

  /** By number or id; throws not_found. */
  resolve(appId: string, identity: string): TransferRecord {
    const num = /^\d{1,9}$/.test(identity) ? Number(identity) : 0
    const row = this.store.get<TransferRow>(
      'SELECT * FROM transfers WHERE app_id = ? AND (num = ? OR id = ?) AND deleted_at IS NULL',
      ...[appId, num, identity],
    )
    if (row === undefined) throw notFound('transfer')
    return this.read(row)
  }

  /** Of an app, the newest first. */
  list(appId: string): TransferRecord[] {
    return this.store
      .all<TransferRow>('SELECT * FROM transfers WHERE app_id = ? AND deleted_at IS NULL ORDER BY num DESC', appId)
      .map(row => this.read(row))
  }

  unfinished(): TransferRecord[] {
    return this.store.all<TransferRow>('SELECT * FROM transfers WHERE finished_at IS NULL').map(row => this.read(row))
  }

  /** Ids of backups that have a file in that store, or are getting one. */
  backupIds(store: string): string[] {
    const rows = this.store.all<{id: string}>(
      "SELECT id FROM transfers WHERE kind = 'backup' AND deleted_at IS NULL AND succeeded IS NOT 0 AND store = ?",
      store,
    )
    return rows.map(row => row.id)
  }

  begin(id: string, sourceBytes: number): void {
    this.store.run('UPDATE transfers SET started_at = ?, source_bytes = ? WHERE id = ?', this.now(), sourceBytes, id)
  }

  finish(id: string, {succeeded, processedBytes, warnings, log}: TransferResult): void {
    this.store.run(
      'UPDATE transfers SET finished_at = ?, succeeded = ?, processed_bytes = ?, warnings = ?, log = ? WHERE id = ?',
      ...[this.now(), succeeded === true ? 1 : 0, processedBytes, warnings, JSON.stringify(log), id],
    )
  }

  cancel(id: string): void {
    this.store.run('UPDATE transfers SET canceled_at = ? WHERE id = ? AND finished_at IS NULL', this.now(), id)
  }

  /** Whatever lies in a store of its dump is left over from now on, until `forget`. */
  delete(id: string): void {
    this.store.transaction(() => {
      this.store.run('UPDATE transfers SET deleted_at = ? WHERE id = ?', this.now(), id)
      this.store.run(
        "INSERT OR IGNORE INTO transfer_leftovers (id, store) SELECT id, store FROM transfers WHERE id = ? AND kind = 'backup'",
        id,
      )
    })
  }

  leftovers(): {id: string; store: string}[] {
    return this.store.all<{id: string; store: string}>('SELECT id, store FROM transfer_leftovers')
  }

  forget(id: string): void {
    this.store.run('DELETE FROM transfer_leftovers WHERE id = ?', id)
  }

  /** When a backup of that schedule was last restored for a test, or is about to be; undefined when that failed or never was. */
  lastVerified(scheduleId: string): Date | undefined {
    const row = this.store.get<{created_at: string}>(
      `SELECT test.created_at FROM transfers test JOIN transfers backup ON backup.id = test.verifies
       WHERE backup.schedule_id = ? AND test.kind = 'verify' AND test.succeeded IS NOT 0 ORDER BY test.created_at DESC LIMIT 1`,
      scheduleId,
    )
    return date(row?.created_at ?? null)
  }

  private now(): string {
    return this.clock.now().toISOString()
  }

  private read(row: TransferRow): TransferRecord {
    return {
      id: row.id,
      appId: row.app_id,
      num: row.num,
      kind: row.kind as TransferRecord['kind'],
      addonId: row.addon_id,
      fromName: row.from_name,
      toName: row.to_name,
      source: row.source_sealed === null ? undefined : this.seal.open(row.source_sealed),
      extensions: row.extensions === '' ? [] : row.extensions.split(','),
      scheduleId: row.schedule_id ?? undefined,
      verifies: row.verifies ?? undefined,
      store: row.store,
      sourceBytes: row.source_bytes,
      processedBytes: row.processed_bytes,
      warnings: row.warnings,
      log: JSON.parse(row.log),
      createdAt: new Date(row.created_at),
      startedAt: date(row.started_at),
      finishedAt: date(row.finished_at),
      canceledAt: date(row.canceled_at),
      succeeded: row.succeeded === null ? undefined : row.succeeded === 1,
    }
  }
}

function date(text: string | null): Date | undefined {
  return text === null ? undefined : new Date(text)
}
