import {expect, test} from 'vitest'
import {compileQuery} from '../../../../src/lib/runtime/logplex/search-query.js'

const at = '2026-11-30T01:02:03.000000+00:00'
const lines = {
  router: `${at} heroku[router]: at=info method=GET path="/Login" status=500 dyno=web.1`,
  web: `${at} app[web.1]: User ssh failed to log in (again): "no key"`,
  worker: `${at} app[worker.12]: cron done it's fine - really`,
}

const found = (query: string): string[] => Object.entries(lines).flatMap(([name, line]) => (compileQuery(query)(line) ? [name] : []))

test.each([
  ['', ['router', 'web', 'worker']],
  ['SSH', ['web']],
  ['ssh OR cron', ['web', 'worker']],
  ['user AND failed', ['web']],
  ['user done', []],
  ['-user', ['router', 'worker']],
  ['NOT user -cron', ['router']],
  ['(ssh OR cron) -fine', ['web']],
  ['-(ssh OR cron)', ['router']],
  ['ssh failed OR cron done', ['web', 'worker']],
  ['"failed to log"', ['web']],
  ["'failed to log'", ['web']],
  ['"to failed"', []],
  ['program:web', ['web']],
  ['program:app/w', ['web', 'worker']],
  ['program:"heroku/router" status=500', ['router']],
  ['-program:app', ['router']],
  ['app/worker.12', ['worker']],
  ['web.1', ['router', 'web']],
  ['path="/login"', ['router']],
  ["it's", ['worker']],
  ['"- really"', ['worker']],
  ['2026', []],
])('%s finds %j', (query, names) => expect(found(query)).toEqual(names))

test.each([
  ['"open', 'a quote is not closed'],
  ['(ssh', 'a parenthesis is not closed'],
  ['ssh)', 'a parenthesis closes that was not opened'],
  ['ssh OR', 'stand between words'],
  ['()', 'stand between words'],
  ['NOT', 'stand before a word'],
])('%s is refused: %s', (query, why) => expect(() => compileQuery(query)).toThrow(why))
