import type {BackupSchedule} from '../../transfers/backup-schedules.js'
import type {TransferRecord} from '../../transfers/transfer-table.js'
import {spaced} from '../../transfers/transfers.js'

/** From where to where, in the words of Heroku's data API: `gof3r` is where its backups lie. */
const kinds = {
  backup: {from_type: 'pg_dump', to_type: 'gof3r'},
  restore: {from_type: 'gof3r', to_type: 'pg_restore'},
  copy: {from_type: 'pg_dump', to_type: 'pg_restore'},
  /** A word of ours: the official CLI shows none of these. */
  verify: {from_type: 'gof3r', to_type: 'verify'},
}

/** As `/client/v11/apps/:app/transfers` lists them; the log only when it was asked for. */
export function transferJson(transfer: TransferRecord, {verbose}: {verbose: boolean}): Record<string, unknown> {
  const time = (at: Date | undefined): string | null => (at === undefined ? null : spaced(at))
  return {
    uuid: transfer.id,
    num: transfer.num,
    ...kinds[transfer.kind],
    from_name: transfer.fromName,
    from_url: null,
    to_name: transfer.toName,
    // What a restore names it by.
    to_url: transfer.kind === 'backup' ? `backup:${transfer.id}` : null,
    store: transfer.kind === 'backup' ? transfer.store : null,
    verifies: transfer.verifies ?? null,
    options: {},
    schedule: transfer.scheduleId === undefined ? null : {uuid: transfer.scheduleId},
    source_bytes: transfer.sourceBytes,
    processed_bytes: transfer.processedBytes,
    succeeded: transfer.succeeded ?? null,
    warnings: transfer.warnings,
    created_at: spaced(transfer.createdAt),
    started_at: time(transfer.startedAt),
    finished_at: time(transfer.finishedAt),
    canceled_at: time(transfer.canceledAt),
    updated_at: spaced(transfer.finishedAt ?? transfer.startedAt ?? transfer.createdAt),
    deleted_at: null,
    ...(verbose && {logs: transfer.log}),
  }
}

export function scheduleJson({id, name, hour, timezone, verify, dueAt}: BackupSchedule): Record<string, unknown> {
  return {uuid: id, name, hour, timezone, days: [0, 1, 2, 3, 4, 5, 6], next_at: spaced(dueAt), verify}
}
