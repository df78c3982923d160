import {existsSync} from 'node:fs'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {startTestPlatform} from '../../../support/platform.js'
import {runCommand} from '../../../support/run-command.js'

async function emptyHome() {
  const root = await mkdtemp(join(tmpdir(), 'hk-'))
  return {root, env: {HOKKU_HOME: root}, [Symbol.asyncDispose]: () => rm(root, {recursive: true, force: true})}
}

describe('runtime:status', () => {
  it('tells where the runtime answers, and gives the handshake with --json', async () => {
    await using platform = await startTestPlatform()
    const status = JSON.parse((await platform.run('runtime:status --json')).stdout)
    expect(status).toMatchObject({pid: process.pid, home: platform.home.root})
    expect((await platform.run('runtime:status')).stdout).toContain(`API:     ${status.url}\n`)
  })

  it('exits with 1 and starts nothing where none runs', async () => {
    await using home = await emptyHome()
    const result = await runCommand('runtime:status', {env: home.env})
    expect(result.exitCode).toBe(1)
    expect(result.stdout).toContain('is not running')
  })
})

describe('runtime:stop', () => {
  it('is content when none runs', async () => {
    await using home = await emptyHome()
    expect(await runCommand('runtime:stop', {env: home.env})).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'The runtime is not running.\n',
    })
  })
})

describe('runtime:logs', () => {
  it('prints the last lines of the runtime log', async () => {
    await using home = await emptyHome()
    await writeFile(join(home.root, 'runtime.log'), 'one\ntwo\nthree\n')
    expect((await runCommand('runtime:logs -n 2', {env: home.env})).stdout).toBe('two\nthree\n')
    expect((await runCommand('runtime:logs', {env: home.env})).stdout).toBe('one\ntwo\nthree\n')
    expect((await runCommand('runtime:logs -n 0', {env: home.env})).stdout).toBe('')
  })

  it('prints nothing where there is none', async () => {
    await using home = await emptyHome()
    expect(await runCommand('runtime:logs', {env: home.env})).toEqual({exitCode: 0, stdout: '', stderr: ''})
  })
})

describe('runtime:install', () => {
  it.skipIf(existsSync('/run/systemd/system'))('says what to do where nothing starts services, and installs nothing', async () => {
    await using home = await emptyHome()
    const env = {...home.env, XDG_CONFIG_HOME: join(home.root, 'config')}
    for (const command of ['runtime:install', 'runtime:install --print', 'runtime:uninstall'])
      expect(await runCommand(command, {env})).toMatchObject({
        exitCode: 1,
        stdout: '',
        stderr: expect.stringContaining('hokku runtime:run'),
      })
    expect(existsSync(env.XDG_CONFIG_HOME)).toBe(false)
  })
})
