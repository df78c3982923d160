import {expect, test} from 'vitest'
import {startDemo} from '../demo.js'

test('ps:exec runs a command in web.1, or in the dyno that is named, and its exit code is ours', async () => {
  await using platform = await startDemo()
  await platform.run('ps:scale worker=1 --app demo')
  await platform.dynos('demo', {'web.1': 'up', 'worker.1': 'up'})
  const web = await platform.run('ps:exec --app demo -- echo inside')
  expect(web).toEqual({stdout: 'inside\n', stderr: 'Running echo inside on demo... up, web.1\n', exitCode: 0})
  const worker = await platform.run(['ps:exec', '-d', 'worker.1', '-a', 'demo', 'exit 5'])
  expect(worker).toMatchObject({stderr: 'Running exit 5 on demo... up, worker.1\n', exitCode: 5})
})

test('ps:exec without a command opens a shell, which ends when stdin does', async () => {
  await using platform = await startDemo()
  const {stderr} = await platform.run('ps:exec --app demo', {stdin: ''})
  expect(stderr).toContain('Running bash on demo... up, web.1\n')
})

test('ps:exec of a dyno that is not there is an error', async () => {
  await using platform = await startDemo()
  expect(await platform.run('ps:exec -d web.7 -a demo ls')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("Couldn't find that dyno."),
  })
})
