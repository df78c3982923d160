import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import type {Build} from '../../../../src/lib/schema/resources.js'
import {startTestPlatform} from '../../../support/platform.js'

async function source(files: Record<string, string>) {
  const directory = await mkdtemp(join(tmpdir(), 'hokku-deploy-'))
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content)
  return {directory, [Symbol.asyncDispose]: () => rm(directory, {recursive: true, force: true})}
}

describe('deploy', () => {
  it('builds the current directory and prints the build as a push does', async () => {
    await using platform = await startTestPlatform()
    await using code = await source({Procfile: 'web: node index.js\n', 'index.js': ''})
    await platform.run('create demo -n')
    const result = await platform.run('deploy -a demo', {cwd: code.directory})
    expect(result.stderr).toBe("Uploading demo's source... done\n")
    expect(result.exitCode).toBe(0)
    expect(result.stdout).toContain('----->')
    expect(result.stdout).not.toContain('\0')
    expect(await platform.api<Build[]>('GET', '/apps/demo/builds')).toMatchObject([{status: 'succeeded'}])
  })

  it('fails before it uploads anything when there is no such directory', async () => {
    await using platform = await startTestPlatform()
    await platform.run('create demo -n')
    const result = await platform.run('deploy --dir ./nope -a demo')
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toMatch(/Error: There is no \S+nope\./)
    expect(await platform.api('GET', '/apps/demo/builds')).toEqual([])
  })
})
