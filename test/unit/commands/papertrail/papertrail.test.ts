import {afterEach, beforeEach, expect, test} from 'vitest'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

let platform: TestPlatform
beforeEach(async () => {
  platform = await startTestPlatform()
  await platform.run('create demo')
})
afterEach(() => platform[Symbol.asyncDispose]())

function say(message: string, ps = 'web.1'): void {
  const {apps, logplex} = platform.runtime.services
  logplex.append(apps.resolve('demo').id, {at: new Date(), source: 'app', ps, message})
}

test('papertrail searches the log of an app that has the add-on', async () => {
  expect((await platform.run('papertrail error --app demo')).stderr).toContain(
    'demo has no Papertrail. Add it with addons:create papertrail.',
  )
  expect((await platform.run('addons:create papertrail --app demo')).stdout).toContain('as PAPERTRAIL_API_TOKEN')
  expect((await platform.run('config:get PAPERTRAIL_API_TOKEN --app demo')).stdout).toMatch(/^[0-9a-f]{20}$/m)
  say('ssh failed')
  say('cron done', 'worker.1')
  const {stdout} = await platform.run(['papertrail', '(ssh OR cron) -done', '--app', 'demo'])
  expect(stdout).toMatch(/^\S+ app\[web\.1\]: ssh failed\n$/)
  expect((await platform.run(['papertrail', '--app', 'demo', '--', '-ssh', 'program:worker'])).stdout).toContain('cron done')
  expect((await platform.run(['papertrail', '(ssh', '--app', 'demo'])).stderr).toContain('a parenthesis is not closed')
})

test('searches are saved, listed and removed', async () => {
  await platform.run('addons:create papertrail --app demo')
  expect((await platform.run('papertrail:searches --app demo')).stdout).toContain('has no saved searches')
  await platform.run(['papertrail:searches:save', 'errors', 'status=5', '--app', 'demo'])
  const alert = ['--every', '10-minutes', '--minimum', '3', '--webhook', 'https://example.com/hook?x=1']
  await platform.run(['papertrail:searches:save', 'errors', 'status=500', ...alert, '--app', 'demo'])
  const listed = (await platform.run('papertrail:searches --app demo')).stdout
  expect(listed).toMatch(/errors\s+status=500\s+3\+ in 10-minutes\s+example\.com/)
  expect(JSON.parse((await platform.run('papertrail:searches --app demo --json')).stdout)).toHaveLength(1)
  expect((await platform.run(['papertrail:searches:save', 'bad', '(', '--app', 'demo'])).stderr).toContain('This is no search')
  expect((await platform.run('papertrail:searches:remove errors --app demo --confirm wrong')).exitCode).not.toBe(0)
  expect((await platform.run('papertrail:searches:remove errors --app demo --confirm demo')).exitCode).toBe(0)
  expect((await platform.run('papertrail:searches:remove errors --app demo --confirm demo')).stderr).toContain(
    "Couldn't find a saved search errors",
  )
})
