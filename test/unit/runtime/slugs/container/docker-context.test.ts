import {Readable} from 'node:stream'
import {text} from 'node:stream/consumers'
import {extract} from 'tar-stream'
import {expect, test} from 'vitest'
import {dockerContext} from '../../../../../src/lib/runtime/slugs/container/docker-context.js'
import {type SourceFile, sourceOf} from '../source-files.js'

async function contextOf(files: SourceFile[], folder: string, dockerfile: string): Promise<Record<string, string>> {
  await using at = await sourceOf(files)
  const tar = await dockerContext(at.source, {context: folder, dockerfile}, [{path: 'Dockerfile', content: Buffer.from('FROM x')}])
  const found: Record<string, string> = {}
  for await (const entry of Readable.from(tar, {objectMode: false}).pipe(extract())) found[entry.header.name] = await text(entry)
  return found
}

const files = ['Dockerfile', 'app.js', 'log/a.log', 'log/keep.log', 'jobs/Dockerfile', 'jobs/work.js', 'jobs/secret/key'].map(path => ({
  path,
  text: path,
}))

test('a build sees the folder of its Dockerfile and nothing else', async () => {
  expect(await contextOf(files, 'jobs', 'jobs/Dockerfile')).toEqual({
    Dockerfile: 'FROM x',
    'work.js': 'jobs/work.js',
    'secret/key': 'jobs/secret/key',
  })
})

test('without what .dockerignore names, exceptions and all', async () => {
  const ignore = {path: '.dockerignore', text: '# comment\n/log/*\n!log/keep.log\n**/secret\n.dockerignore\n'}
  expect(Object.keys(await contextOf([...files, ignore], '', 'Dockerfile')).sort()).toEqual([
    'Dockerfile',
    'app.js',
    'jobs/Dockerfile',
    'jobs/work.js',
    'log/keep.log',
  ])
})

test('the .dockerignore of its own folder counts, and one named after the Dockerfile before it', async () => {
  const own = [
    {path: 'jobs/.dockerignore', text: 'secret\n'},
    {path: '.dockerignore', text: '*\n'},
    {path: 'jobs/Dockerfile.dockerignore', text: 'work.js\n*.dockerignore\n.dockerignore\n'},
  ]
  expect(Object.keys(await contextOf([...files, ...own.slice(0, 2)], 'jobs', 'jobs/Dockerfile'))).toEqual([
    'Dockerfile',
    'work.js',
    '.dockerignore',
  ])
  expect(Object.keys(await contextOf([...files, ...own], 'jobs', 'jobs/Dockerfile'))).toEqual(['Dockerfile', 'secret/key'])
})

test('a pattern that would be tried for ever is refused', async () => {
  const made = [{path: '.dockerignore', text: `${'*a'.repeat(14)}*b\n`}, {path: 'a'.repeat(200)}]
  await using at = await sourceOf(made)
  const building = dockerContext(at.source, {context: '', dockerfile: 'Dockerfile'}, [], 200)
  await expect(building).rejects.toThrow('.dockerignore: its patterns take too long')
})
