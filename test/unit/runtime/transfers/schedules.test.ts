import {beforeEach, expect, it} from 'vitest'
import type {Store} from '../../../../src/lib/runtime/store/store.js'
import {BackupSchedules} from '../../../../src/lib/runtime/transfers/backup-schedules.js'
import {movableClock} from '../../../support/movable-clock.js'
import {scratchStore} from '../../../support/unsynced-store.js'

const hour = 3_600_000
const addonId = 'a'

let store: Store
let clock: ReturnType<typeof movableClock>
let schedules: BackupSchedules
beforeEach(async () => {
  store = await scratchStore()
  store.exec('PRAGMA foreign_keys=OFF')
  clock = movableClock(new Date('2026-03-28T12:30:00Z'))
  schedules = new BackupSchedules(store, clock)
})

const due = (): string[] => schedules.takeDue().map(one => one.name)

it('is due at its hour of each day, once', () => {
  schedules.set({addonId, name: 'DATABASE_URL', hour: 14, timezone: 'UTC', verify: 'weekly'})
  expect(due()).toEqual([])
  clock.advance(1.5 * hour)
  expect(due()).toEqual(['DATABASE_URL'])
  expect(due()).toEqual([])
  clock.advance(23 * hour)
  expect(due()).toEqual([])
  clock.advance(hour)
  expect(due()).toEqual(['DATABASE_URL'])
})

it('is made up for once when the runtime was away for days', () => {
  schedules.set({addonId, name: 'DATABASE_URL', hour: 14, timezone: 'UTC', verify: 'weekly'})
  clock.advance(100 * hour)
  const later = new BackupSchedules(store, clock)
  expect(later.takeDue()).toHaveLength(1)
  expect(later.takeDue()).toHaveLength(0)
})

it('follows the clocks of its zone when they change', () => {
  const at = (): string => schedules.list(addonId)[0]?.dueAt.toISOString() ?? ''
  schedules.set({addonId, name: 'DATABASE_URL', hour: 8, timezone: 'Europe/Oslo', verify: 'weekly'})
  expect(at()).toBe('2026-03-29T06:00:00.000Z')
  schedules.set({addonId, name: 'DATABASE_URL', hour: 23, timezone: 'Europe/Oslo', verify: 'weekly'})
  expect(at()).toBe('2026-03-28T22:00:00.000Z')
  clock.advance(10 * hour)
  expect(due()).toEqual(['DATABASE_URL'])
  expect(at()).toBe('2026-03-29T21:00:00.000Z')
})

it('throws for a zone that there is not, and keeps what was', () => {
  schedules.set({addonId, name: 'DATABASE_URL', hour: 8, timezone: 'UTC', verify: 'weekly'})
  expect(() => schedules.set({addonId, name: 'DATABASE_URL', hour: 9, timezone: 'Mars/Base', verify: 'weekly'})).toThrow('Mars/Base')
  expect(schedules.list(addonId)).toMatchObject([{hour: 8, timezone: 'UTC', verify: 'weekly'}])
})
