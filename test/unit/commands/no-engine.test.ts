import {fileURLToPath} from 'node:url'
import {expect, test} from 'vitest'
import {startTestPlatform} from '../../support/platform.js'
import {startDemo} from './demo.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))

test('an app can be made and configured while no engine answers', async () => {
  await using platform = await startTestPlatform()
  platform.engine.goDown()
  expect((await platform.run('create demo --no-remote')).exitCode).toBe(0)
  expect((await platform.run('config:set A=1 --app demo')).exitCode).toBe(0)
  expect((await platform.run('maintenance:on --app demo')).exitCode).toBe(0)
  expect((await platform.run('ps --app demo')).exitCode).toBe(0)
})

test.each(['ps:scale web=2', 'run ls', 'run:detached ls', 'addons:create heroku-redis', 'deploy --dir examples/node-hello'])(
  '%s says that no engine answers and how to start one, exits with 69, and changes nothing',
  async command => {
    await using platform = await startDemo()
    platform.engine.goDown()
    const {stderr, exitCode} = await platform.run(`${command} --app demo`, {cwd: root})
    expect(stderr).toContain('Try this: ')
    expect(stderr).toContain('Error ID: engine_unavailable')
    expect(exitCode).toBe(69)
    platform.engine.comeUp()
    expect((await platform.run('ps:scale --app demo')).stdout).toContain('web=1:Basic')
    expect(await platform.api('GET', '/apps/demo/addons')).toEqual([])
    expect(await platform.api('GET', '/apps/demo/builds')).toHaveLength(1)
  },
)
