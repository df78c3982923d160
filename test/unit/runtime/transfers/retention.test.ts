import {expect, it} from 'vitest'
import {expired, retentionOf} from '../../../../src/lib/runtime/transfers/retention.js'
import type {TransferRecord} from '../../../../src/lib/runtime/transfers/transfer-table.js'

const day = 86_400_000
const now = new Date('2026-11-29T12:00:00Z')

/** `num` is its number; `age` in days. */
function backup(num: number, age: number, {scheduled = false, succeeded = true} = {}): TransferRecord {
  const createdAt = new Date(now.getTime() - age * day)
  return {num, createdAt, succeeded, scheduleId: scheduled ? 'daily' : undefined} as TransferRecord
}

const gone = (backups: TransferRecord[], plan: string): number[] => expired(backups, retentionOf(plan), now).map(one => one.num)

it('keeps as many manual backups as the plan says, the newest', () => {
  const backups = Array.from({length: 8}, (_, at) => backup(at + 1, 8 - at))
  expect(gone(backups, 'essential-0')).toEqual([3, 2, 1])
  expect(gone(backups, 'mini')).toEqual([6, 5, 4, 3, 2, 1])
  expect(gone(backups, 'standard-0')).toEqual([])
})

it('keeps the last scheduled one of each of seven days, then of weeks, then of months', () => {
  const daily = Array.from({length: 100}, (_, at) => backup(100 - at, at, {scheduled: true}))
  const kept = (plan: string): number[] => {
    const away = new Set(gone(daily, plan))
    return daily.map(one => one.num).filter(num => !away.has(num))
  }
  expect(kept('essential-1')).toEqual([100, 99, 98, 97, 96, 95, 94])
  // 29 November is a Sunday: the weeks before ended on the 22nd, the 15th and the 8th.
  expect(kept('standard-2')).toEqual([100, 99, 98, 97, 96, 95, 94, 93, 86, 79])
  expect(kept('premium-3').slice(7)).toEqual([93, 86, 79, 72, 71, 65, 58, 51, 40, 10])
})

it('counts two of one day once, and manual ones apart', () => {
  const twice = [backup(3, 0, {scheduled: true}), backup(2, 0.1, {scheduled: true}), backup(1, 0)]
  expect(gone(twice, 'essential-0')).toEqual([2])
})

it('keeps a failed one for a week, in nobody’s place', () => {
  const backups = [backup(4, 1, {succeeded: false}), backup(3, 8, {succeeded: false}), backup(2, 9), backup(1, 10)]
  expect(gone(backups, 'mini')).toEqual([3])
})
