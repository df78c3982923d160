import type {TransferRecord} from './transfer-table.js'

/** How many backups of a plan are kept. */
export interface Retention {
  manual: number
  daily: number
  weekly: number
  monthly: number
}

/** By the first word of a plan's name (heroku-platform.md 9). */
const retentions: Record<string, Retention> = {
  mini: {manual: 2, daily: 7, weekly: 1, monthly: 0},
  basic: {manual: 5, daily: 7, weekly: 1, monthly: 0},
  essential: {manual: 5, daily: 7, weekly: 1, monthly: 0},
  standard: {manual: 25, daily: 7, weekly: 4, monthly: 0},
  premium: {manual: 50, daily: 7, weekly: 8, monthly: 12},
}

/** Of a plan, `essential-0`; one that is not known is treated as the lowest that is sold today. */
export function retentionOf(plan: string): Retention {
  return retentions[plan.split('-')[0] ?? ''] ?? (retentions['essential'] as Retention)
}

/**
 * The backups of one database that go: manual ones beyond the newest `manual`; scheduled ones that are neither the last of one of the
 * newest `daily` days with a backup, nor of the newest `weekly` weeks or `monthly` months. A failed one goes when a later one
 * succeeded and it is older than a week. `backups`: finished, in any order.
 */
export function expired(backups: readonly TransferRecord[], {manual, daily, weekly, monthly}: Retention, now: Date): TransferRecord[] {
  const newest = backups.toSorted((a, b) => b.num - a.num)
  const good = newest.filter(one => one.succeeded === true)
  const scheduled = good.filter(one => one.scheduleId !== undefined)
  const kept = new Set([
    ...good.filter(one => one.scheduleId === undefined).slice(0, manual),
    ...lastOfEach(scheduled, daily, at => at.toISOString().slice(0, 10)),
    ...lastOfEach(scheduled, weekly, at => String(Math.floor((at.getTime() / day + 3) / 7))),
    ...lastOfEach(scheduled, monthly, at => at.toISOString().slice(0, 7)),
  ])
  const recent = (one: TransferRecord): boolean => one.succeeded !== true && now.getTime() - one.createdAt.getTime() < 7 * day
  return newest.filter(one => !kept.has(one) && !recent(one))
}

const day = 86_400_000

/** The first one of each of the first `count` periods, given the newest first. Weeks begin on Monday, in UTC as days and months do. */
function lastOfEach(backups: TransferRecord[], count: number, period: (at: Date) => string): TransferRecord[] {
  const found = new Map<string, TransferRecord>()
  for (const one of backups) {
    const key = period(one.createdAt)
    if (!found.has(key)) found.set(key, one)
  }
  return [...found.values()].slice(0, count)
}
