import {describe, expect, it} from 'vitest'
import type {App} from '../../../../src/lib/schema/resources.js'
import {startTestPlatform} from '../../../support/platform.js'
import {workRepository} from '../../../support/repository.js'

describe('git:remote', () => {
  it('adds a remote, or points an existing one to the app', async () => {
    await using platform = await startTestPlatform()
    await using repo = await workRepository()
    await platform.run('create demo -n')
    const {git_url: url} = await platform.api<App>('GET', '/apps/demo')
    expect((await platform.run('git:remote -a demo', {cwd: repo.directory})).stdout).toBe(`set git remote hokku to ${url}\n`)
    repo.git('remote', 'add', 'staging', 'https://example.com/x.git')
    await platform.run('git:remote -a demo -r staging', {cwd: repo.directory})
    expect(repo.git('remote', 'get-url', 'staging').trim()).toBe(url)
  })

  it('installs its credential helper once, however often it runs', async () => {
    await using platform = await startTestPlatform()
    await using repo = await workRepository()
    await platform.run('create demo', {cwd: repo.directory})
    await platform.run('git:remote -a demo', {cwd: repo.directory})
    const {origin} = new URL((await platform.api<App>('GET', '/apps/demo')).git_url)
    expect(repo.git('config', '--local', '--get-all', `credential.${origin}.helper`).trimEnd().split('\n')).toHaveLength(2)
  })

  it('needs an app and a repository', async () => {
    await using platform = await startTestPlatform()
    await platform.run('create demo -n')
    expect(await platform.run('git:remote')).toMatchObject({exitCode: 2})
    expect((await platform.run('git:remote -a demo')).stderr).toContain('Not a git repository')
  })
})

describe('git:credentials', () => {
  it('answers for our host alone, and only to get', async () => {
    await using platform = await startTestPlatform()
    await platform.run('create demo -n')
    const {host} = new URL((await platform.api<App>('GET', '/apps/demo')).git_url)
    const ask = (command: string, stdin: string) => platform.run(`git:credentials ${command}`, {stdin})
    expect((await ask('get', `protocol=http\nhost=${host}\n\n`)).stdout).toMatch(/^username=\S+\npassword=\S{16,}\n$/)
    for (const [command, stdin] of [
      ['get', 'protocol=https\nhost=github.com\n\n'],
      ['get', `protocol=https\nhost=${host}\n\n`],
      ['store', `protocol=http\nhost=${host}\n\n`],
    ] as const)
      expect(await ask(command, stdin)).toEqual({exitCode: 0, stdout: '', stderr: ''})
  })
})
