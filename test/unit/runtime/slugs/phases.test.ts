import {expect, test} from 'vitest'
import type {Chosen} from '../../../../src/lib/runtime/slugs/choose-buildpacks.js'
import {nextPhase} from '../../../../src/lib/runtime/slugs/phases.js'

/** `o` is one of ours, `c` a classic one. */
const phases = (kinds: string): string[] => {
  const chosen = [...kinds].map(kind => ({kind: kind === 'c' ? 'classic' : 'ours'})) as Chosen[]
  const all: string[] = []
  for (let left = chosen; left.length > 0; ) {
    const {now, later} = nextPhase(left)
    all.push(now.map(({kind}) => kind[0]).join(''))
    left = later
  }
  return all
}

test.each([
  ['o', ['o']],
  ['oo', ['oo']],
  ['cc', ['cc']],
  ['oc', ['oc']],
  ['co', ['c', 'o']],
  ['occo', ['occ', 'o']],
  ['cocoo', ['c', 'oc', 'oo']],
])('%s is built in %j: one of ours sees what classic ones before it made', (kinds, expected) => {
  expect(phases(kinds)).toEqual(expected)
})
