import {expect, test} from 'vitest'
import {formatDuration, parseDuration, parseMoment} from '../../../src/lib/cli/moment.js'

const now = new Date(2026, 10, 22, 15, 30, 20)

test.each([
  ['90s', 90],
  ['2h', 7200],
  ['1h30m', 5400],
  ['1d 2h', 93_600],
  ['2 weeks', 1_209_600],
  ['1.5 hours', 5400],
  ['10 mins', 600],
  ['3d, 1h', 262_800],
])('%s is a duration', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds)
})

test.each(['', '2', 'h', '2 fortnights', '2x', '-2h', '1h later', '2hm'])('%j is no duration', text => {
  expect(parseDuration(text)).toBeUndefined()
})

test.each([
  ['2h', new Date(2026, 10, 22, 13, 30, 20)],
  ['10 minutes ago', new Date(2026, 10, 22, 15, 20, 20)],
  ['now', now],
  ['today', new Date(2026, 10, 22)],
  ['Yesterday', new Date(2026, 10, 21)],
  ['9:05', new Date(2026, 10, 22, 9, 5)],
  ['14:30:07', new Date(2026, 10, 22, 14, 30, 7)],
  ['2026-11-20', new Date(2026, 10, 20)],
  ['2026-11-20 08:00', new Date(2026, 10, 20, 8)],
  ['2026-11-20T08:00:00Z', new Date('2026-11-20T08:00:00Z')],
  ['2026-11-20T08:00:00.123000+00:00', new Date('2026-11-20T08:00:00.123Z')],
  ['2026-11-20 08:00:00 +0200', new Date('2026-11-20T06:00:00Z')],
])('%s is a moment', (text, moment) => {
  expect(parseMoment('since', text, now)).toEqual(moment)
})

test.each(['', 'tomorrow', '25:00', '2026-13-01', '2026-11-20T08', '22/11/2026', '1000 weeks of rain', '9999999999w'])(
  '%j is no moment, and the error says what is',
  text => {
    expect(() => parseMoment('since', text, now)).toThrow(/--since .*not a time\. Use how long ago it was \(2h/s)
  },
)

test.each([
  [86_400 * 14, '14d'],
  [5400, '1h 30m'],
  [93_600, '1d 2h'],
  [20, '0m'],
])('%d seconds are shown as %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text)
})
