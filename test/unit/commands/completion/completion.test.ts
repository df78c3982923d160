import {execFileSync} from 'node:child_process'
import {mkdtemp, readdir, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {runCommand} from '../../../support/run-command.js'
import {startDemo} from '../demo.js'

test('completion bash prints a script that bash can read', async () => {
  const {stdout, exitCode} = await runCommand('completion bash')
  expect(exitCode).toBe(0)
  expect(execFileSync('bash', ['-n'], {input: stdout, encoding: 'utf8'})).toBe('')
  expect(stdout).toContain('complete -F _hokku hokku\n')
})

test('completion of another shell is a usage error that names those there are', async () => {
  const {stderr, exitCode} = await runCommand('completion tcsh')
  expect(stderr).toContain('Expected tcsh to be one of: bash, zsh, fish')
  expect(exitCode).toBe(2)
})

test('completion:names has the names of apps and dynos', async () => {
  await using platform = await startDemo()
  await platform.dynos('demo', {'web.1': 'up'})
  expect((await platform.run('completion:names apps')).stdout).toBe('demo\n')
  expect((await platform.run('completion:names dynos --app demo')).stdout).toBe('web.1\n')
})

test('completion:names starts no runtime', async () => {
  const root = await mkdtemp(join(tmpdir(), 'hk-'))
  try {
    expect(await runCommand('completion:names apps', {env: {HOKKU_HOME: root}})).toEqual({stdout: '', stderr: '', exitCode: 0})
    expect(await readdir(root)).toEqual([])
  } finally {
    await rm(root, {recursive: true, force: true})
  }
})
