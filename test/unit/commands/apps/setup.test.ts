import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {startTestPlatform} from '../../../support/platform.js'

async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hk-setup-'))
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return folder
}

describe('apps:setup', () => {
  it('makes the app that app.json describes', async () => {
    await using platform = await startTestPlatform()
    const manifest = {env: {A: 'from app.json', B: {required: true}}, formation: {web: {quantity: 2}}, scripts: {postdeploy: 'exit 0'}}
    const folder = await folderWith({Procfile: 'web: serve\n', 'app.json': JSON.stringify(manifest)})
    const {exitCode, stdout, stderr} = await platform.run(['apps:setup', 'shop', '--dir', folder, '--env', 'B=given'])
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^http:\/\/shop\.localhost\/ \| http:\/\/127\.0\.0\.1:\d+\/shop\.git\n$/)])
    expect(stderr).toContain('-----> Launching...')
    expect(await platform.api('GET', '/apps/shop/config-vars')).toEqual({A: 'from app.json', B: 'given'})
    await platform.dynos('shop', {'web.1': 'up', 'web.2': 'up'})
    await rm(folder, {recursive: true})
  })

  it('names every problem of app.json and leaves no app behind', async () => {
    await using platform = await startTestPlatform()
    const folder = await folderWith({
      Procfile: 'web: serve\n',
      'app.json': '{"env": {"NEEDED": {}}, "formation": {"web": {"quantity": "two"}}}',
    })
    const {exitCode, stderr} = await platform.run(['apps:setup', 'shop', '--dir', folder])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('Setup of shop failed: invalid app.json')
    expect(stderr).toContain('app.json:1:')
    expect(await platform.api('GET', '/apps')).toEqual([])
    await rm(folder, {recursive: true})
  })

  it('fails with a postdeploy script that fails', async () => {
    await using platform = await startTestPlatform()
    const folder = await folderWith({Procfile: 'web: serve\n', 'app.json': '{"scripts": {"postdeploy": "exit 4"}}'})
    const {exitCode, stderr} = await platform.run(['apps:setup', 'shop', '--dir', folder])
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('postdeploy command failed with exit code 4')])
    await rm(folder, {recursive: true})
  })
})
