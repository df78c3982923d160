import {expect, test} from 'vitest'
import {startDemo} from './demo.js'

const line = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00 (app|heroku)\[[\w.]+\]: /

test('logs show the newest lines, oldest first, without colours', async () => {
  await using platform = await startDemo()
  const last = (await platform.run('logs -n 2 --app demo')).stdout.trimEnd()
  expect(last.split('\n')).toHaveLength(2)
  const {stdout, stderr, exitCode} = await platform.run('logs --app demo')
  const lines = stdout.trimEnd().split('\n')
  expect(lines.every(one => line.test(one))).toBe(true)
  const times = lines.map(one => one.split(' ')[0])
  expect([...times].sort()).toEqual(times)
  expect({stderr, exitCode}).toEqual({stderr: '', exitCode: 0})
  expect(stdout).toContain(last)
})

test('logs can be had of one source, one dyno or one process type', async () => {
  await using platform = await startDemo()
  const sources = async (flags: string): Promise<string[]> => {
    const {stdout} = await platform.run(`logs --app demo ${flags}`)
    return [
      ...new Set(
        stdout
          .trimEnd()
          .split('\n')
          .map(one => one.split(' ')[1] as string),
      ),
    ]
  }
  expect(await sources('--source app')).toEqual(['app[api]:'])
  expect(await sources('--dyno web.1')).toEqual(['heroku[web.1]:'])
  expect(await sources('-s heroku -p web')).toEqual(['heroku[web.1]:'])
})

test('--force-colors colours what goes into a pipe', async () => {
  await using platform = await startDemo()
  expect((await platform.run('logs --force-colors --app demo')).stdout).toContain('\u001b[')
})

test('a number of lines that cannot be had and two choices of dynos are usage errors', async () => {
  await using platform = await startDemo()
  expect((await platform.run('logs -n 1501 --app demo')).exitCode).toBe(2)
  expect((await platform.run('logs -d web.1 -p web --app demo')).exitCode).toBe(2)
})

test('the log of an app that is not there is an error', async () => {
  await using platform = await startDemo()
  expect(await platform.run('logs --app nope')).toMatchObject({stdout: '', exitCode: 1})
})
