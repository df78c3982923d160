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

test('logs of a time, and lines that match', async () => {
  await using platform = await startDemo()
  const lines = async (flags: string[]): Promise<string[]> => {
    const {stdout, stderr, exitCode} = await platform.run(['logs', '--app', 'demo', ...flags])
    expect({stderr, exitCode}).toEqual({stderr: '', exitCode: 0})
    return stdout.split('\n').filter(one => one !== '')
  }
  const all = await lines([])
  const [first] = (all[3] as string).split(' ') as [string]
  expect(await lines(['--since', first])).toEqual(all.filter(one => one.slice(0, 23) >= first.slice(0, 23)))
  expect(await lines(['--until', first])).toEqual(all.filter(one => one.slice(0, 23) < first.slice(0, 23)))
  expect(await lines(['--since', '1h'])).toEqual(all)
  expect(await lines(['--since', '1h', '-n', '2'])).toEqual(all.slice(-2))
  expect(await lines(['--until', '2 hours ago'])).toEqual([])
  const states = all.filter(one => /State changed from \w+ to up/.test(one))
  expect(states).toHaveLength(1)
  expect(await lines(['--grep', 'State changed from \\w+ to up$'])).toEqual(states)
  expect(await lines(['-i', '-g', 'STATE CHANGED from starting'])).toEqual(states)
})

test('--json makes an object of each line', async () => {
  await using platform = await startDemo()
  const [line] = (await platform.run('logs --grep to.up --app demo')).stdout.split('\n') as [string]
  const {stdout} = await platform.run('logs --json --grep to.up --app demo')
  expect(JSON.parse(stdout)).toEqual({
    at: line.split(' ')[0],
    source: 'heroku',
    dyno: 'web.1',
    message: 'State changed from starting to up',
  })
})

test('what is no time, no expression, or makes no sense is told', async () => {
  await using platform = await startDemo()
  const failing = async (flags: string): Promise<string> => {
    const {stdout, stderr, exitCode} = await platform.run(`logs --app demo ${flags}`)
    expect(stdout).toBe('')
    return `${exitCode} ${stderr.replace(/[\s›]+/g, ' ').trim()}`
  }
  expect(await failing('--since soon')).toContain('2 Error: --since soon: not a time.')
  expect(await failing('--since 1h --until 2h')).toContain('2 Error: --since 1h is not before --until 2h.')
  expect(await failing('--until 1h --tail')).toMatch(/^2 .*--tail/)
  expect(await failing('--ignore-case')).toMatch(/^2 .*--grep/)
  expect(await failing('--grep a(b')).toMatch(/^1 .*grep: .*missing/)
})

test('how much is kept of a log is shown, changed, and put back', async () => {
  await using platform = await startDemo()
  expect((await platform.run('logs:retention --app demo')).stdout).toBe('=== demo Log Retention\n\nSize: 64 MB\nAge:  any\n')
  const changed = await platform.run('logs:retention --age 14d --size 256MB --app demo')
  expect(changed).toMatchObject({stderr: 'Changing log retention of demo... done, 256 MB, age 14d\n', exitCode: 0})
  await platform.run('logs:retention --size 1.5gb --app demo')
  expect(JSON.parse((await platform.run('logs:retention --json --app demo')).stdout)).toEqual({
    max_bytes: 1.5 * 1024 ** 3,
    max_age_seconds: 14 * 86_400,
  })
  await platform.run('logs:retention --age any --app demo')
  expect((await platform.run('logs:retention --default --app demo')).stderr).toBe(
    'Resetting log retention of demo... done, 64 MB, age any\n',
  )
})

test('a retention that is no size, no age or out of bounds changes nothing', async () => {
  await using platform = await startDemo()
  expect((await platform.run('logs:retention --size much --app demo')).exitCode).toBe(2)
  expect((await platform.run('logs:retention --age 14 --app demo')).exitCode).toBe(2)
  expect((await platform.run('logs:retention --size 10KB --app demo')).exitCode).toBe(1)
  expect((await platform.run('logs:retention --age 5m --app demo')).exitCode).toBe(1)
  expect((await platform.run('logs:retention --app demo')).stdout).toContain('Size: 64 MB\nAge:  any\n')
})

test('lines of a destroyed app of the same name and its retention do not come back', async () => {
  await using platform = await startDemo()
  await platform.run('logs:retention --size 256MB --app demo')
  await platform.run('destroy --app demo --confirm demo')
  await platform.run('create demo')
  expect((await platform.run('logs:retention --app demo')).stdout).toContain('Size: 64 MB')
})
