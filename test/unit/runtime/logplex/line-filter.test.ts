import {expect, test} from 'vitest'
import {lineMatch, linesOf} from '../../../../src/lib/runtime/logplex/line-filter.js'
import type {LogFilter} from '../../../../src/lib/runtime/logplex/logplex.js'
import {stamp} from './support.js'

const said = ['app[web.1]', 'app[web.11]', 'heroku[web.1]', 'app[worker.1]', 'heroku[router]', 'app[api]', 'app[webhook.1]', 'app[web.x]']
const text = said.map(who => `${stamp} ${who}: app[clock.1]: not the dyno\n`).join('')

function asked(filter: LogFilter): string[] {
  return linesOf({from: 0, text}, lineMatch(filter)).map(line => line.text.slice(33, line.text.indexOf(': ')))
}

test('without a filter every line is shown', () => {
  expect(asked({})).toEqual(said)
})

test('a source is matched exactly', () => {
  expect(asked({source: 'heroku'})).toEqual(['heroku[web.1]', 'heroku[router]'])
  expect(asked({source: 'hero'})).toEqual([])
})

test('a dyno is matched exactly, and what the message says does not count', () => {
  expect(asked({dyno: 'web.1'})).toEqual(['app[web.1]', 'heroku[web.1]'])
  expect(asked({dyno: 'router'})).toEqual(['heroku[router]'])
  expect(asked({dyno: 'clock.1'})).toEqual([])
})

test('a type means all its dynos, also in the field for a dyno, where the official client puts it', () => {
  expect(asked({type: 'web'})).toEqual(['app[web.1]', 'app[web.11]', 'heroku[web.1]'])
  expect(asked({dyno: 'web'})).toEqual(['app[web.1]', 'app[web.11]', 'heroku[web.1]'])
  expect(asked({type: 'router'})).toEqual([])
})

test('filters must all hold', () => {
  expect(asked({type: 'web', source: 'app', dyno: 'web.11'})).toEqual(['app[web.11]'])
  expect(asked({type: 'worker', dyno: 'web.1'})).toEqual([])
})

test('an id is the offset after its line, counted in bytes', () => {
  const lines = linesOf(
    {from: 100, text: Buffer.from(`${stamp} app[web.1]: ä\n${stamp} app[web.1]: b\nhalf`).toString('latin1')},
    lineMatch({}),
  )
  expect(lines.map(line => line.id)).toEqual([100 + 48, 100 + 48 + 47])
  expect(lines[0]?.text).toBe(`${stamp} app[web.1]: ä`)
})
