import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

async function demoWithFile(): Promise<TestPlatform & {folder: string}> {
  const platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
  await platform.deploy('demo', {Procfile: 'web: echo contents > /app/note && serve\n'})
  await platform.dynos('demo', {'web.1': 'up'})
  const folder = await mkdtemp(join(tmpdir(), 'hk-copy-'))
  return {...platform, folder}
}

test('ps:copy copies a file of a dyno, by a path in its home or from its root, and overwrites nothing', async () => {
  await using platform = await demoWithFile()
  const to = join(platform.folder, 'note')
  const copied = await platform.run(['ps:copy', 'note', '-o', to, '-a', 'demo'])
  expect(copied).toEqual({stdout: '', stderr: `Copying note to ${to}... done\n`, exitCode: 0})
  expect(await readFile(to, 'utf8')).toBe('contents\n')
  await writeFile(to, 'mine')
  expect(await platform.run(['ps:copy', '/app/note', '--output', to, '--app', 'demo'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining(`The local file ${to} already exists`),
  })
  expect(await readFile(to, 'utf8')).toBe('mine')
  await rm(platform.folder, {recursive: true})
})

test('ps:copy of what is not there leaves no file', async () => {
  await using platform = await demoWithFile()
  const to = join(platform.folder, 'note')
  const failing = async (words: string[]): Promise<string> => {
    const {exitCode, stderr} = await platform.run(['ps:copy', ...words, '-o', to, '-a', 'demo'])
    expect(exitCode).toBe(1)
    return stderr
  }
  expect(await failing(['nothing'])).toContain('There is no file /app/nothing in that dyno.')
  expect(await failing(['note', '-d', 'web.7'])).toContain("Couldn't find that dyno.")
  expect(await readdir(platform.folder)).toEqual([])
  await rm(platform.folder, {recursive: true})
})

test('ps:forward of a dyno that is not there, or of no port, is an error', async () => {
  await using platform = await demoWithFile()
  expect(await platform.run('ps:forward 9229 -d web.7 -a demo')).toMatchObject({exitCode: 1})
  expect(await platform.run('ps:forward debugger -a demo')).toMatchObject({exitCode: 2})
  await rm(platform.folder, {recursive: true})
})
