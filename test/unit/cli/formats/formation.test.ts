import {expect, test} from 'vitest'
import {dynoTotals, formationLine, formationRows} from '../../../../src/lib/cli/formats/formation.js'
import type {Formation} from '../../../../src/lib/schema/resources.js'

function formation(type: string, quantity: number, size: string): Formation {
  const time = '2026-11-22T11:01:31Z'
  return {
    app: {id: 'a', name: 'demo'},
    command: type,
    created_at: time,
    dyno_size: {id: size, name: size},
    id: type,
    quantity,
    size,
    type,
    updated_at: time,
  }
}

test('prices are those of Heroku: 720 hours a month, for all dynos of the type', () => {
  expect(formationRows([formation('worker', 0, 'Standard-1X'), formation('web', 2, 'Basic'), formation('clock', 1, 'Eco')])).toEqual([
    {type: 'clock', size: 'Eco', quantity: 1, hourly: '', monthly: ''},
    {type: 'web', size: 'Basic', quantity: 2, hourly: '~$0.019', monthly: '$14'},
    {type: 'worker', size: 'Standard-1X', quantity: 0, hourly: '~$0.035', monthly: '$0'},
  ])
})

test('totals count the dynos of each size', () => {
  expect(dynoTotals([formation('web', 2, 'Basic'), formation('worker', 3, 'Basic'), formation('api', 1, 'Standard-2X')])).toEqual([
    {size: 'Standard-2X', total: 1},
    {size: 'Basic', total: 5},
  ])
})

test('the formation in one line can be passed back to ps:scale', () => {
  expect(formationLine([formation('worker', 1, 'Standard-1X'), formation('web', 2, 'Basic')])).toBe('web=2:Basic worker=1:Standard-1X')
})
