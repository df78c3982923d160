import {expect, test} from 'vitest'
import {label} from '../../../../src/lib/engine/labels.js'
import type {Dyno, Formation} from '../../../../src/lib/schema/resources.js'
import {eventually} from '../../../support/eventually.js'
import {startTestPlatform} from '../../../support/platform.js'
import {startDemo} from '../demo.js'

const time = String.raw`\d{4}/\d\d/\d\d \d\d:\d\d:\d\d [+-]\d{4} \(~ \d+[smh] ago\)`

test('ps groups dynos by command and says since when', async () => {
  await using platform = await startDemo()
  await platform.run('ps:scale web=2 worker=1 --app demo')
  await platform.dynos('demo', {'web.1': 'up', 'web.2': 'up', 'worker.1': 'up'})
  const {stdout, stderr, exitCode} = await platform.run('ps --app demo')
  expect(stdout).toMatch(
    new RegExp(
      `^=== web \\(Basic\\): serve \\(2\\)\n\nweb.1: up ${time}\nweb.2: up ${time}\n\n=== worker \\(Basic\\): work \\(1\\)\n\nworker.1: up ${time}\n\n$`,
    ),
  )
  expect({stderr, exitCode}).toEqual({stderr: '', exitCode: 0})
})

test('ps of a process type shows its dynos alone, and a type without dynos is an error', async () => {
  await using platform = await startDemo()
  expect((await platform.run('ps web --app demo')).stdout).toContain('web.1: up')
  expect(await platform.run('ps worker --app demo')).toMatchObject({stderr: ' ›   Error: No worker dynos on demo\n', exitCode: 1})
})

test('ps --json is what the API answers', async () => {
  await using platform = await startDemo()
  const {stdout} = await platform.run('ps --app demo --json')
  expect(JSON.parse(stdout)).toEqual(await platform.api<Dyno[]>('GET', '/apps/demo/dynos'))
})

test('ps of an app without dynos says so', async () => {
  await using platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'blank'})
  expect((await platform.run('ps --app blank')).stdout).toBe('No dynos on blank\n')
})

test('ps tells that dynos do not run for want of an engine', async () => {
  await using platform = await startDemo()
  await platform.dynos('demo', {'web.1': 'up'})
  const [dyno] = await platform.engine.observe({[label.kind]: 'dyno'})
  platform.engine.goDown()
  platform.engine.crash(dyno?.name as string, 143)
  await eventually(async () => {
    const {stdout, stderr, exitCode} = await platform.run('ps --app demo')
    expect(stdout).not.toContain('up')
    expect(stderr.replace(/\s+›\s+/g, ' ')).toMatch(/Warning: The engine does not answer\. Dynos start again when that is mended/)
    expect(exitCode).toBe(0)
  })
  platform.engine.comeUp()
  await platform.dynos('demo', {'web.1': 'up'})
  expect(await platform.run('ps --app demo')).toMatchObject({stderr: '', exitCode: 0})
})

test('ps:scale changes quantity and size and says what runs now', async () => {
  await using platform = await startDemo()
  expect(await platform.run('ps:scale web=2:standard-1x worker=1:standard-1x --app demo')).toEqual({
    stdout: '',
    stderr: 'Scaling dynos... done, now running web at 2:Standard-1X, worker at 1:Standard-1X\n',
    exitCode: 0,
  })
  expect((await platform.run('ps:scale web+1 worker-1 --app demo')).stderr).toBe(
    'Scaling dynos... done, now running web at 3:Standard-1X, worker at 0:Standard-1X\n',
  )
  expect((await platform.run('ps:scale --app demo')).stdout).toBe('web=3:Standard-1X worker=0:Standard-1X\n')
})

test('a size that is larger than this machine is warned about, when dynos of it are to run', async () => {
  await using platform = await startDemo()
  const warning = ' ›   Warning: Performance-L dynos get what this machine has: 8 GB of memory, not 14 GB, and 2 CPUs, not 8.\n'
  const scaled = await platform.run('ps:scale web=1:performance-l worker=0:performance-xl --app demo')
  expect(scaled.stderr).toContain(warning)
  expect(scaled.stderr).toContain('done, now running web at 1:Performance-L, worker at 0:Performance-XL\n')
  expect(scaled.stderr).not.toContain('Performance-XL dynos get')
  const run = await platform.run('run:detached --size performance-m true --app demo')
  expect(run.stderr).not.toContain('Warning')
  expect((await platform.run('run:detached --size performance-l true --app demo')).stderr).toContain(warning)
})

test('ps:scale with one bad argument is a usage error and changes nothing', async () => {
  await using platform = await startDemo()
  const {stderr, exitCode} = await platform.run('ps:scale web=3 worker=many --app demo')
  expect(stderr).toContain('worker=many is not a scale')
  expect(exitCode).toBe(2)
  expect((await platform.run('ps:scale --app demo')).stdout).toBe('web=1:Basic worker=0:Basic\n')
})

test('ps:scale of an app without process types tells how to get them', async () => {
  await using platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'blank'})
  const {stderr, exitCode} = await platform.run('ps:scale --app blank')
  expect(stderr).toContain('No process types on blank.')
  expect(stderr).toContain('Procfile')
  expect(exitCode).toBe(1)
})

test('ps:type shows sizes and prices, and with one size all types get it', async () => {
  await using platform = await startDemo()
  const {stdout, stderr} = await platform.run('ps:type standard-1x --app demo')
  expect(stderr).toBe('Scaling dynos on demo... done\n')
  expect(stdout).toContain('  type     size          qty   cost/hour   max cost/month\n')
  expect(stdout).toContain('  web      Standard-1X   1     ~$0.035     $25\n')
  expect(stdout).toContain('=== Dyno Totals\n\n  type          total\n')
  const formation = await platform.api<Formation[]>('GET', '/apps/demo/formation')
  expect(formation.map(({size}) => size)).toEqual(['Standard-1X', 'Standard-1X'])
})

test('ps:type refuses types that are not there and words that are no size', async () => {
  await using platform = await startDemo()
  const missing = await platform.run('ps:type clock=basic --app demo')
  expect(missing.stderr).toContain('Type clock not found in process formation.')
  expect(missing.exitCode).toBe(1)
  expect((await platform.run('ps:type web=basic nonsense --app demo')).exitCode).toBe(2)
})

test.each([
  ['ps:restart --app demo', 'Restarting all dynos on demo... done\n'],
  ['ps:restart -p web --app demo', 'Restarting all web dynos on demo... done\n'],
  ['ps:restart -d web.1 --app demo', 'Restarting dyno web.1 on demo... done\n'],
  ['ps:stop web.1 --app demo', 'Stopping dyno web.1 on demo... done\n'],
  ['ps:stop -p web --app demo', 'Stopping all web dynos on demo... done\n'],
])('%s puts another dyno in the place of web.1', async (command, said) => {
  await using platform = await startDemo()
  const [before] = await platform.api<Dyno[]>('GET', '/apps/demo/dynos')
  expect(await platform.run(command)).toEqual({stdout: '', stderr: said, exitCode: 0})
  await platform.dynos('demo', {'web.1': 'up'})
  const [after] = await platform.api<Dyno[]>('GET', '/apps/demo/dynos')
  expect(after?.id).not.toBe(before?.id)
})

test('ps:stop wants to know what to stop', async () => {
  await using platform = await startDemo()
  expect(await platform.run('ps:stop --app demo')).toMatchObject({exitCode: 2, stdout: ''})
})

test('a dyno that is not there is told as the platform tells it', async () => {
  await using platform = await startDemo()
  const {stderr, exitCode} = await platform.run('ps:restart -d web.9 --app demo')
  expect(stderr).toContain('Error ID: not_found')
  expect(exitCode).toBe(1)
})
