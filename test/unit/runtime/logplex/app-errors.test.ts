import {expect, it} from 'vitest'
import {errorOfLine} from '../../../../src/lib/runtime/logplex/app-errors.js'

const at = '2026-11-22T11:11:31.967000+00:00'

it.each([
  [
    'heroku[router]: at=error code=H10 desc="App crashed" method=GET path="/"',
    {source: 'router', name: 'H10', level: 'critical', description: 'App crashed'},
  ],
  [
    'heroku[router]: sock=client at=warning code=H27 desc="Client Request Interrupted" method=GET',
    {source: 'router', name: 'H27', level: 'warning', description: 'Client Request Interrupted'},
  ],
  [
    'heroku[router]: at=info code=H80 desc="Maintenance mode" method=GET',
    {source: 'router', name: 'H80', level: 'info', description: 'Maintenance mode'},
  ],
  [
    'heroku[web.12]: Error R10 (Boot timeout) -> Web process failed',
    {source: 'web', name: 'R10', level: 'critical', description: 'Boot timeout'},
  ],
  ['heroku[run.1]: Error R16 (Detached) -> An attached process', {source: 'run', name: 'R16', level: 'info', description: 'Detached'}],
])('reads %s', (line, error) => {
  expect(errorOfLine(`${at} ${line}`)).toEqual(error)
})

it.each([
  'heroku[router]: at=info method=GET path="/?code=H10" host=x',
  'heroku[web.1]: State changed from up to crashed',
  'app[web.1]: Error R10 (Boot timeout) -> said the app',
])('passes over %s', line => {
  expect(errorOfLine(`${at} ${line}`)).toBeUndefined()
})
