import {expect, test} from 'vitest'
import type {Dyno} from '../../../../src/lib/schema/resources.js'
import {startDemo} from '../demo.js'

test('run prints the output of the dyno on stdout and everything else on stderr', async () => {
  await using platform = await startDemo()
  const {stdout, stderr, exitCode} = await platform.run('run --app demo echo hi')
  expect({stdout, exitCode}).toEqual({stdout: 'hi\n', exitCode: 0})
  expect(stderr).toMatch(/^Running echo hi on demo\.\.\. up, run\.\d{1,4}\n$/)
})

test('the exit code of the command is ours, and -x says it too', async () => {
  await using platform = await startDemo()
  expect(await platform.run(['run', '--app', 'demo', 'exit 7'])).toMatchObject({stdout: '', exitCode: 7})
  const told = await platform.run(['run', '-x', '--app', 'demo', 'exit 3'])
  expect(told.stderr).toContain(' ›   Error: Process exited with code 3\n')
  expect(told.exitCode).toBe(3)
})

test('stdin is piped through to its end', async () => {
  await using platform = await startDemo()
  expect(await platform.run('run --app demo cat', {stdin: 'one\ntwo\n'})).toMatchObject({stdout: 'one\ntwo\n', exitCode: 0})
})

test('--env reaches the command, and what is not NAME=value is refused', async () => {
  await using platform = await startDemo()
  expect((await platform.run(['run', '-a', 'demo', '-e', 'A=1;B=two', 'echo "$A $B"'])).stdout).toBe('1 two\n')
  const refused = await platform.run(['run', '-a', 'demo', '-e', 'nonsense', 'ls'])
  expect(refused.stderr).toContain('--env nonsense: expected NAME=value')
  expect(refused.exitCode).toBe(2)
})

test('flags after the first word of the command are the command’s, an app at the end is ours', async () => {
  await using platform = await startDemo()
  expect((await platform.run('run --app demo echo --size x --app other')).stdout).toBe('--size x --app other\n')
  expect((await platform.run('run echo hi --app demo')).stdout).toBe('hi\n')
  expect((await platform.run('run --app demo -- echo --env y')).stdout).toBe('--env y\n')
})

test('run without a command is a usage error', async () => {
  await using platform = await startDemo()
  const {stderr, exitCode} = await platform.run('run --app demo')
  expect(stderr).toContain('Usage: hokku run COMMAND')
  expect(exitCode).toBe(2)
})

test('run:detached names the dyno, whose output is in the log', async () => {
  await using platform = await startDemo()
  const {stdout, stderr} = await platform.run('run:detached --app demo echo from afar')
  const name = /^Running echo from afar on demo\.\.\. done, (run\.\d{1,4})\n$/.exec(stderr)?.[1]
  expect(stdout).toBe(`Run hokku logs --app demo --dyno ${name} to view the output.\n`)
  const until = async (): Promise<string> => (await platform.run(`logs --app demo --dyno ${name}`)).stdout
  await expect.poll(until, {timeout: 10_000}).toContain(`app[${name}]: from afar\n`)
})

test('run:detached --tail prints what the dyno says, and ends with it', async () => {
  await using platform = await startDemo()
  const {stdout, stderr, exitCode} = await platform.run(['run:detached', '--tail', '--app', 'demo', 'echo from afar; sleep 0.2; exit 3'])
  const name = /^Running .* on demo\.\.\. done, (run\.\d{1,4})\n$/.exec(stderr)?.[1]
  const said = stdout.split('\n').map(line => line.slice(line.indexOf(' ') + 1))
  expect(said).toContain(`app[${name}]: from afar`)
  expect(said).toContain(`heroku[${name}]: Process exited with status 3`)
  expect(said.at(-2)).toBe(`heroku[${name}]: State changed from up to complete`)
  expect(exitCode).toBe(0)
})

test('--size is the size of the dyno, --type its name', async () => {
  await using platform = await startDemo()
  await platform.run('run:detached --app demo --size standard-2x --type job sleep 30')
  const dynos = await platform.api<Dyno[]>('GET', '/apps/demo/dynos')
  expect(dynos.find(({type}) => type === 'job')).toMatchObject({size: 'Standard-2X', name: expect.stringMatching(/^job\.\d+$/)})
  expect((await platform.run('run --app demo --size nope ls')).exitCode).toBe(1)
})

test('run --no-tty and run:inside -x are taken', async () => {
  await using platform = await startDemo()
  expect(await platform.run('run --app demo --no-tty echo hi')).toMatchObject({stdout: 'hi\n', exitCode: 0})
  const told = await platform.run(['run:inside', '-x', '--app', 'demo', 'web.1', 'exit 4'])
  expect(told).toMatchObject({exitCode: 4, stderr: expect.stringContaining('Process exited with code 4')})
})

test('run:inside runs in a dyno that is there already', async () => {
  await using platform = await startDemo()
  const {stdout, stderr, exitCode} = await platform.run('run:inside --app demo web.1 echo inside')
  expect({stdout, stderr, exitCode}).toEqual({stdout: 'inside\n', stderr: 'Running echo inside on demo... up, web.1\n', exitCode: 0})
  expect((await platform.api<Dyno[]>('GET', '/apps/demo/dynos')).map(({name}) => name)).toEqual(['web.1'])
  const missing = await platform.run('run:inside --app demo web.9 ls')
  expect(missing.stderr).toContain('Error ID: not_found')
  expect(missing.exitCode).toBe(1)
})
