import {expect, test} from 'vitest'
import {eventually} from '../../../support/eventually.js'
import {startTestPlatform} from '../../../support/platform.js'
import {startDemo} from '../demo.js'

test('ps:wait says nothing when every dyno runs the newest release', async () => {
  await using platform = await startDemo()
  await platform.dynos('demo', {'web.1': 'up'})
  expect(await platform.run('ps:wait --app demo')).toEqual({stdout: '', stderr: '', exitCode: 0})
})

test('ps:wait waits for the release command and the dynos after it', async () => {
  await using platform = await startDemo('web: serve\n')
  await platform.dynos('demo', {'web.1': 'up'})
  const deployed = platform.deploy('demo', {Procfile: 'web: serve\nrelease: sleep 0.8\n'})
  await eventually(async () => expect(await platform.api('GET', '/apps/demo/releases')).toHaveLength(4))
  const {stderr, exitCode} = await platform.run('ps:wait --app demo')
  await deployed
  expect({stderr, exitCode}).toEqual({stderr: 'Waiting for every dyno to be running v4... 1 / 1, done\n', exitCode: 0})
})

test('ps:wait gives up on a dyno of the new release that has crashed', async () => {
  await using platform = await startDemo('web: serve\nworker: exit 1\n')
  await platform.run('ps:scale worker=1 --app demo')
  await platform.dynos('demo', {'web.1': 'up', 'worker.1': 'crashed'})
  const {stderr, exitCode} = await platform.run('ps:wait --app demo')
  expect(stderr).toContain('worker.1 of v3 has crashed: hokku logs --dyno-name worker.1')
  expect(exitCode).toBe(1)
  expect((await platform.run('ps:wait --type web --app demo')).exitCode).toBe(0)
})

test('ps:wait of an app that is not there is an error', async () => {
  await using platform = await startTestPlatform()
  expect((await platform.run('ps:wait --app nope')).stderr).toContain('Error ID: not_found')
})
