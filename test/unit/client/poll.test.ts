import {expect, test} from 'vitest'
import {pauseAfter, poll} from '../../../src/lib/client/poll.js'

test('polling asks soon again at first, however long the interval', async () => {
  const answers = ['pending', 'pending', 'done', 'pending']
  expect(
    await poll(
      async () => answers.shift(),
      answer => answer === 'done',
      3600,
    ),
  ).toBe('done')
  expect(answers).toEqual(['pending'])
})

test('its pauses grow by half, up to the interval', () => {
  expect([1, 2, 3, 4, 5, 9, 10, 11].map(asked => Math.round(pauseAfter(asked, 2)))).toEqual([50, 75, 113, 169, 253, 1281, 1922, 2000])
  expect(pauseAfter(1, 0.01)).toBe(10)
  expect(pauseAfter(100_000, 1)).toBe(1000)
})
