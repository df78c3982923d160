import type {Transfer} from '../../client/transfers.js'
import type {Palette} from '../palette.js'
import type {Columns} from './table.js'

/** `b001` by hand, `a002` on a schedule, `r003` a restore, `c004` a copy, `v005` a test; one counter for all of an app. */
export function transferName({from_type, to_type, schedule, num}: Transfer): string {
  if (to_type === 'verify') return `v${String(num).padStart(3, '0')}`
  const letter = to_type === 'pg_restore' ? (from_type === 'pg_dump' ? 'c' : 'r') : schedule === null ? 'b' : 'a'
  return letter + String(num).padStart(3, '0')
}

export function isBackup({from_type, to_type}: Transfer): boolean {
  return from_type === 'pg_dump' && to_type === 'gof3r'
}

/** What `pg:backups` says of one. */
export function transferStatus({finished_at, started_at, succeeded, warnings, processed_bytes}: Transfer): string {
  if (finished_at !== null && succeeded) return warnings > 0 ? `Finished with ${warnings} warnings` : `Completed ${finished_at}`
  if (finished_at !== null) return `Failed ${finished_at}`
  return started_at === null ? 'Pending' : `Running (processed ${transferSize(processed_bytes)})`
}

/** What `pg:backups:info` says of one. */
export function transferState({finished_at, started_at, canceled_at, succeeded, warnings}: Transfer): string {
  if (succeeded) return warnings > 0 ? `Finished with ${warnings} warnings` : 'Completed'
  if (canceled_at !== null) return 'Canceled'
  if (finished_at !== null) return 'Failed'
  return started_at === null ? 'Pending' : 'Running'
}

/** `1.42KB`: powers of 1024 with two decimals, as Heroku's CLI prints sizes of backups. */
export function transferSize(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)))
  return `${(bytes / 1024 ** power).toFixed(2)}${units[power]}`
}

/** ` (80% compression)`. */
export function compression(compressed: number, total: number): string {
  const percent = compressed > 0 && total > 0 ? Math.max(0, Math.round(((total - compressed) / total) * 100)) : 0
  return ` (${percent}% compression)`
}

/** `at`: the heading of the time; `names`: which databases it is about. */
export function transferColumns(palette: Palette, at: 'Created at' | 'Started at', names: Columns<Transfer>): Columns<Transfer> {
  return {
    ID: transfer => palette.name(transferName(transfer)),
    [at]: transfer => transfer.created_at,
    Status: transferStatus,
    Size: transfer => transferSize(transfer.processed_bytes),
    ...names,
  }
}
