import {expect, it} from 'vitest'
import {cycleTime} from '../../../../src/lib/runtime/dynos/lifecycle/cycling.js'
import {eventually} from '../../../support/eventually.js'
import {shiftedClock} from '../../../support/movable-clock.js'
import {appId, world} from './support.js'

const hour = 3_600_000

it('replaces each dyno between 24 and 27.6 hours after it was made, start-first, and counts anew', async () => {
  const clock = shiftedClock()
  await using at = await world({clock, cycleMs: 24 * hour})
  await at.want({version: 8, formation: {web: 2, worker: 1}})
  await eventually(() => expect(at.ps()).toEqual(['web.1 v8 up', 'web.2 v8 up', 'worker.1 v8 up']))
  const ids = (): string[] => at.dynos.list(appId).map(({id}) => id)
  const first = ids()
  clock.advance(23.9 * hour)
  await new Promise(resolve => setTimeout(resolve, 50))
  expect(ids()).toEqual(first)
  await at.restartRuntime()
  clock.advance(3.8 * hour)
  await eventually(() => expect(ids().filter(id => first.includes(id))).toEqual([]))
  await eventually(() => expect(at.ps()).toEqual(['web.1 v8 up', 'web.2 v8 up', 'worker.1 v8 up']))
  const said = at.log.of('web.1')
  expect(said.slice(said.indexOf('Cycling')).slice(0, 3)).toEqual(['Cycling', 'Restarting', 'State changed from up to starting'])
  const second = ids()
  clock.advance(10 * hour)
  await new Promise(resolve => setTimeout(resolve, 50))
  expect(ids()).toEqual(second)
  expect(at.log.lines.filter(line => line.endsWith(': Cycling'))).toHaveLength(3)
})

it.each([
  [undefined, undefined],
  ['0', undefined],
  ['never', undefined],
  ['24', 24 * hour],
  ['0.5', hour / 2],
])('HOKKU_DYNO_CYCLE=%s is %s ms', (given, ms) => {
  expect(cycleTime({HOKKU_DYNO_CYCLE: given})).toBe(ms)
})
