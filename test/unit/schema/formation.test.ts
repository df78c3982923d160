import {describe, expect, test} from 'vitest'
import {parseResize, parseScale} from '../../../src/lib/schema/formation.js'

describe('parseScale', () => {
  test.each([
    ['web=2', {type: 'web', quantity: '2'}],
    ['web=0', {type: 'web', quantity: '0'}],
    ['web+1', {type: 'web', quantity: '+1'}],
    ['web-1', {type: 'web', quantity: '-1'}],
    ['web=2:standard-2x', {type: 'web', quantity: '2', size: 'standard-2x'}],
    ['worker+10:Performance-L-RAM', {type: 'worker', quantity: '+10', size: 'Performance-L-RAM'}],
    ['my-worker-1', {type: 'my-worker', quantity: '-1'}],
    ['web_2=3', {type: 'web_2', quantity: '3'}],
  ])('reads %s', (argument, update) => {
    expect(parseScale(argument)).toEqual(update)
  })

  test.each(['web', 'web=', 'web=two', 'web=2:', '=2', 'web=1.5', 'web==2', 'web=2:a b', ''])('does not take %j for a scale', argument => {
    expect(parseScale(argument)).toBeUndefined()
  })
})

describe('parseResize', () => {
  test.each([
    ['web=standard-2x', {type: 'web', size: 'standard-2x'}],
    ['my-worker=Performance-M', {type: 'my-worker', size: 'Performance-M'}],
    ['web=2X', {type: 'web', size: '2X'}],
  ])('reads %s', (argument, update) => {
    expect(parseResize(argument)).toEqual(update)
  })

  test.each(['web', 'web=', 'web=3', '=basic', 'web+1'])('does not take %j for a resize', argument => {
    expect(parseResize(argument)).toBeUndefined()
  })
})
