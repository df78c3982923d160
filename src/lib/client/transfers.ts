import {createWriteStream} from 'node:fs'
import {rename, rm} from 'node:fs/promises'
import {pipeline} from 'node:stream/promises'
import {path} from './path.js'
import type {Transport} from './transport.js'

/** A backup, a restore or a copy, as the data API has it. Times: `2026-11-22 11:01:31 +0000`. */
export interface Transfer {
  uuid: string
  num: number
  from_type: 'pg_dump' | 'gof3r'
  from_name: string
  to_type: 'gof3r' | 'pg_restore' | 'verify'
  to_name: string
  /** Of a backup: what a restore names it by. */
  to_url: string | null
  schedule: {uuid: string} | null
  /** Of a backup: where its dump lies, `local` or the URL of a store. */
  store: string | null
  /** Of a test: the backup's uuid. */
  verifies: string | null
  source_bytes: number
  processed_bytes: number
  succeeded: boolean | null
  warnings: number
  created_at: string
  started_at: string | null
  finished_at: string | null
  canceled_at: string | null
  /** Where it was asked for. */
  logs?: {created_at: string; message: string}[]
}

export interface TransferSchedule {
  uuid: string
  name: string
  hour: number
  timezone: string
  next_at: string
  verify: VerifyPolicy
}

/** How often the newest backup of a schedule is restored for a test. */
export type VerifyPolicy = 'never' | 'weekly' | 'daily'

export interface BackupStore {
  url: string
  endpoint: string | null
  region: string | null
  access_key: string | null
}

/** Backups of databases, by app; databases by add-on name or id. */
export function transfersResource(transport: Transport) {
  const one = (app: string, id: string | number): string => path`/client/v11/apps/${app}/transfers/${String(id)}`
  const schedules = (addon: string): string => path`/client/v11/databases/${addon}/transfer-schedules`
  return {
    list: (app: string) => transport.call<Transfer[]>('GET', path`/client/v11/apps/${app}/transfers`),
    get: (app: string, id: string | number) => transport.call<Transfer>('GET', `${one(app, id)}?verbose=true`),
    delete: (app: string, id: number) => transport.call<Transfer>('DELETE', one(app, id)),
    cancel: (app: string, id: number) => transport.call<{canceled: boolean}>('POST', `${one(app, id)}/actions/cancel`),
    publicUrl: (app: string, id: number) => transport.call<{url: string; expires_at: string}>('POST', `${one(app, id)}/actions/public-url`),
    capture: (addon: string) => transport.call<Transfer>('POST', path`/client/v11/databases/${addon}/backups`),
    restore: (addon: string, body: {backup_url: string; extensions?: string[]}) =>
      transport.call<Transfer>('POST', path`/client/v11/databases/${addon}/restores`, {body}),
    copy: (addon: string, body: {from_url: string; to_url: string}) =>
      transport.call<Transfer>('POST', path`/client/v11/databases/${addon}/transfers`, {body}),
    /** Restores a backup for a test; `database`: an add-on that shall do it instead of the one that it is of. */
    verify: (app: string, id: number, database?: string) =>
      transport.call<Transfer>('POST', `${one(app, id)}/actions/verify`, {body: {...(database && {database})}}),
    backupStore: () => transport.call<BackupStore>('GET', '/runtime/backup-store'),
    useStore: (body: {url: string; endpoint?: string; region?: string; access_key?: string; secret_key?: string}) =>
      transport.call<BackupStore>('PUT', '/runtime/backup-store', {body}),
    schedules: (addon: string) => transport.call<TransferSchedule[]>('GET', schedules(addon)),
    schedule: (addon: string, body: {hour: number; timezone: string; schedule_name: string; verify: VerifyPolicy}) =>
      transport.call<TransferSchedule>('POST', schedules(addon), {body}),
    unschedule: (addon: string, id: string) => transport.call<unknown>('DELETE', `${schedules(addon)}/${encodeURIComponent(id)}`),
    /** Writes what a public URL gives into a file, which is there whole or not at all. Returns its bytes. */
    download: (url: string, file: string) => download(transport, url, file),
  }
}

async function download(transport: Transport, url: string, file: string): Promise<number> {
  const partial = `${file}.partial`
  try {
    const answer = await transport.stream('GET', url)
    const wanted = Number(answer.headers['content-length'])
    const target = createWriteStream(partial, {mode: 0o600})
    await pipeline(answer, target)
    if (target.bytesWritten !== wanted) throw new Error(`Only ${target.bytesWritten} of ${wanted} bytes arrived.`)
    await rename(partial, file)
    return wanted
  } finally {
    await rm(partial, {force: true})
  }
}
