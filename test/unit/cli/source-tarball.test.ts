import {chmod, mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {createGunzip, gzipSync} from 'node:zlib'
import {extract, type Headers} from 'tar-stream'
import {describe, expect, it} from 'vitest'
import {isTarball, sourceFiles, tarballAt, tarballOf} from '../../../src/lib/cli/source-tarball.js'

async function folder(files: Record<string, string>) {
  const path = await mkdtemp(join(tmpdir(), 'hokku-source-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), {recursive: true})
    await writeFile(join(path, name), content)
  }
  return {path, [Symbol.asyncDispose]: () => rm(path, {recursive: true, force: true})}
}

describe('the source of a directory', () => {
  it('is what git would send: no .git, nothing that .gitignore or .slugignore names', async () => {
    await using source = await folder({
      '.git/HEAD': 'x',
      '.gitignore': 'node_modules/\n*.log\n!keep.log\n',
      '.slugignore': '/docs\n*.psd\n',
      Procfile: 'web: x',
      'a.log': '',
      'keep.log': '',
      'docs/readme.md': '',
      'art/cat.psd': '',
      'node_modules/x/index.js': '',
      'lib/.gitignore': '/tmp\n',
      'lib/tmp/x': '',
      'lib/deep/tmp/x': '',
    })
    expect(await sourceFiles(source.path)).toEqual([
      '.gitignore',
      '.slugignore',
      'Procfile',
      'keep.log',
      'lib/.gitignore',
      'lib/deep/tmp/x',
    ])
  })

  it('is a gzipped tar with modes, links and empty files', async () => {
    await using source = await folder({'bin/start': '#!/bin/sh\n', empty: ''})
    await chmod(join(source.path, 'bin/start'), 0o755)
    await symlink('bin/start', join(source.path, 'link'))
    const entries: Headers[] = []
    const unpack = extract()
    unpack.on('entry', (header, stream, next) => {
      entries.push(header)
      stream.on('end', next).resume()
    })
    await pipeline(await tarballOf(source.path), createGunzip(), unpack)
    expect(entries.map(({name, type, mode, size, linkname}) => ({name, type, size, x: Boolean((mode ?? 0) & 0o100), linkname}))).toEqual([
      {name: './bin/start', type: 'file', size: 10, x: true, linkname: null},
      {name: './empty', type: 'file', size: 0, x: false, linkname: null},
      {name: './link', type: 'symlink', size: 0, x: false, linkname: 'bin/start'},
    ])
  })

  it('is an error when there is nothing', async () => {
    await using source = await folder({})
    await expect(tarballOf(source.path)).rejects.toThrow(`There is nothing to deploy in ${source.path}.`)
  })
})

describe('a tarball', () => {
  it('is gzipped on the way unless it is already', async () => {
    await using source = await folder({'a.tar': 'plain'})
    await writeFile(join(source.path, 'a.tgz'), gzipSync('packed'))
    for (const [file, content] of [
      ['a.tar', 'plain'],
      ['a.tgz', 'packed'],
    ] as const) {
      const chunks: Buffer[] = []
      for await (const chunk of (await tarballAt(join(source.path, file))).pipe(createGunzip())) chunks.push(chunk as Buffer)
      expect(Buffer.concat(chunks).toString()).toBe(content)
    }
  })

  it('is told from a directory, and from what is neither', async () => {
    await using source = await folder({'a.tar.gz': '', 'a.zip': ''})
    expect(await isTarball(join(source.path, 'a.tar.gz'))).toBe(true)
    expect(await isTarball(source.path)).toBe(false)
    await expect(isTarball(join(source.path, 'a.zip'))).rejects.toThrow('is no directory and no .tar')
    await expect(isTarball(join(source.path, 'nope'))).rejects.toThrow('There is no ')
  })
})
