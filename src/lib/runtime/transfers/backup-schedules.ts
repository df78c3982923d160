import {randomUUID} from 'node:crypto'
import {Cron} from 'croner'
import {notFound, PlatformError} from '../../schema/errors.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'

export interface BackupSchedule {
  /** UUID. */
  id: string
  addonId: string
  /** `DATABASE_URL`: the config var it was made for. */
  name: string
  /** 0–23, in `timezone`. */
  hour: number
  /** As in the IANA database, `Europe/Oslo`. */
  timezone: string
  /** How often the newest backup is restored for a test. */
  verify: VerifyPolicy
  dueAt: Date
}

export type VerifyPolicy = 'never' | 'weekly' | 'daily'

interface ScheduleRow {
  id: string
  addon_id: string
  name: string
  hour: number
  timezone: string
  verify: string
  due_at: string
}

/** Daily backups as they are wanted. When the next one is due is stored: a runtime that was away makes up for it, once. */
export class BackupSchedules {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  list(addonId: string): BackupSchedule[] {
    return this.store.all<ScheduleRow>('SELECT * FROM transfer_schedules WHERE addon_id = ? ORDER BY name', addonId).map(fromRow)
  }

  /** One for each name: setting it again changes it. Throws invalid_params for a time zone or an hour that is none. */
  set({addonId, name, hour, timezone, verify}: Omit<BackupSchedule, 'id' | 'dueAt'>): BackupSchedule {
    const due = nextDue({hour, timezone}, this.clock.now()).toISOString()
    this.store.run(
      `INSERT INTO transfer_schedules (id, addon_id, name, hour, timezone, verify, due_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (addon_id, name) DO UPDATE
       SET hour = excluded.hour, timezone = excluded.timezone, verify = excluded.verify, due_at = excluded.due_at`,
      ...[randomUUID(), addonId, name, hour, timezone, verify, due, this.clock.now().toISOString()],
    )
    return this.list(addonId).find(one => one.name === name) as BackupSchedule
  }

  /** Undefined when it is gone. */
  get(id: string): BackupSchedule | undefined {
    return this.store.all<ScheduleRow>('SELECT * FROM transfer_schedules WHERE id = ?', id).map(fromRow)[0]
  }

  /** Throws not_found. */
  remove(addonId: string, id: string): BackupSchedule {
    const found = this.list(addonId).find(one => one.id === id)
    if (found === undefined) throw notFound('transfer schedule')
    this.store.run('DELETE FROM transfer_schedules WHERE id = ?', id)
    return found
  }

  /** Those whose time has come; the next one is a day later. To be called in the transaction that stores what is done about it. */
  takeDue(): BackupSchedule[] {
    const now = this.clock.now()
    const due = this.store.all<ScheduleRow>('SELECT * FROM transfer_schedules WHERE due_at <= ?', now.toISOString()).map(fromRow)
    for (const one of due) this.store.run('UPDATE transfer_schedules SET due_at = ? WHERE id = ?', nextDue(one, now).toISOString(), one.id)
    return due
  }
}

/** The next time that clocks of that zone show that hour. */
function nextDue({hour, timezone}: Pick<BackupSchedule, 'hour' | 'timezone'>, after: Date): Date {
  try {
    const next = new Cron(`0 ${hour} * * *`, {timezone, paused: true}).nextRun(after)
    if (next !== null) return next
  } catch (cause) {
    throw new PlatformError(
      'invalid_params',
      `${hour}:00 ${timezone} is no time of day: ${(cause as Error).message.split('Original error: ').at(-1)}`,
      {cause},
    )
  }
  throw new PlatformError('invalid_params', `${hour}:00 ${timezone} is no time of day.`)
}

function fromRow(row: ScheduleRow): BackupSchedule {
  const {id, name, hour, timezone} = row
  return {id, addonId: row.addon_id, name, hour, timezone, verify: row.verify as VerifyPolicy, dueAt: new Date(row.due_at)}
}
