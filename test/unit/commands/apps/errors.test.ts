import {expect, test} from 'vitest'
import type {App} from '../../../../src/lib/schema/resources.js'
import type {TestPlatform} from '../../../support/platform.js'
import {startDemo} from '../demo.js'

async function withErrors(): Promise<TestPlatform> {
  const platform = await startDemo()
  const {id} = await platform.api<App>('GET', '/apps/demo')
  const say = (ps: string, message: string, hoursAgo = 0): void =>
    platform.runtime.services.logplex.append(id, {
      at: new Date(Date.now() - hoursAgo * 3_600_000),
      source: 'heroku',
      ps,
      message,
    })
  say('router', 'at=error code=H12 desc="Request timeout" method=GET path="/"', 30)
  for (let i = 0; i < 3; i += 1) say('router', 'at=error code=H10 desc="App crashed" method=GET path="/"', 2)
  say('router', 'at=info method=GET path="/" status=200')
  say('web.1', 'Error R10 (Boot timeout) -> Web process failed to bind')
  return platform
}

test('apps:errors counts the codes of router and dynos in the last 24 hours', async () => {
  await using platform = await withErrors()
  const {stdout} = await platform.run('apps:errors --app demo')
  const lines = stdout.split('\n').map(line => line.trim().split(/ {2,}/))
  expect(lines[0]).toEqual(['=== Errors on demo in the last 24 hours'])
  expect(lines[2]).toEqual(['source', 'name', 'level', 'desc', 'count'])
  expect(lines.slice(4, 6)).toEqual([
    ['router', 'H10', 'critical', 'App crashed', '3'],
    ['web', 'R10', 'critical', 'Boot timeout', '1'],
  ])
  expect(lines).toHaveLength(7)
})

test('apps:errors can look further back, at one side alone, and give JSON', async () => {
  await using platform = await withErrors()
  const names = async (flags: string): Promise<string[]> =>
    JSON.parse((await platform.run(`apps:errors --json --app demo ${flags}`)).stdout).map((error: {name: string}) => error.name)
  expect(await names('--hours 48')).toEqual(['H10', 'H12', 'R10'])
  expect(await names('--router')).toEqual(['H10'])
  expect(await names('--dyno')).toEqual(['R10'])
  expect((await platform.run('apps:errors --hours 1 --router --app demo')).stdout).toBe('No errors on demo in the last 1 hours\n')
})
