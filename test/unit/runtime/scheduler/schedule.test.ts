import {expect, test} from 'vitest'
import {inWords, nextRun} from '../../../../src/lib/runtime/scheduler/schedule.js'

const at = (cron: string, after: string, timezone = 'UTC'): string => nextRun({cron, timezone}, new Date(after)).toISOString()

test('the next run is the first after a moment, never that moment', () => {
  expect(at('*/10 * * * *', '2026-11-29T10:09:59Z')).toBe('2026-11-29T10:10:00.000Z')
  expect(at('*/10 * * * *', '2026-11-29T10:10:00Z')).toBe('2026-11-29T10:20:00.000Z')
  expect(at('30 2 * * *', '2026-11-29T02:30:00Z')).toBe('2026-11-30T02:30:00.000Z')
})

test('a time of day is that of its zone, also where clocks change', () => {
  expect(at('30 2 * * *', '2026-07-01T00:00:00Z', 'Europe/Oslo')).toBe('2026-07-01T00:30:00.000Z')
  expect(at('30 2 * * *', '2026-12-01T00:00:00Z', 'Europe/Oslo')).toBe('2026-12-01T01:30:00.000Z')
  // 29 March 2026 has no 02:30 in Oslo; the run comes all the same, and once.
  const first = at('30 2 * * *', '2026-03-28T12:00:00Z', 'Europe/Oslo')
  expect(first.slice(0, 10)).toBe('2026-03-29')
  expect(at('30 2 * * *', first, 'Europe/Oslo').slice(0, 10)).toBe('2026-03-30')
})

test('what is no schedule is refused with the reason', () => {
  expect(() => at('* * * * * *', '2026-11-29T10:00:00Z')).toThrow('* * * * * *: a cron expression has five fields')
  expect(() => at('61 * * * *', '2026-11-29T10:00:00Z')).toThrow(/^61 \* \* \* \* \(UTC\): /)
  expect(() => at('0 0 30 2 *', '2026-11-29T10:00:00Z')).toThrow('0 0 30 2 *: that time never comes')
  expect(() => at('0 * * * *', '2026-11-29T10:00:00Z', 'Europe/Olso')).toThrow('Europe/Olso')
})

test.each([
  ['*/10 * * * *', 'Every 10 minutes'],
  ['5 * * * *', 'Every hour at :05'],
  ['0 14 * * *', 'Every day at 14:00 UTC'],
  ['0 6 * * 1-5', '0 6 * * 1-5 UTC'],
])('%s is %s', (cron, words) => expect(inWords({cron, timezone: 'UTC'})).toBe(words))
