import {existsSync} from 'node:fs'
import {mkdir, mkdtemp, realpath, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {insideRepository, readRemotes} from '../../../src/lib/cli/git.js'
import {emptyRepository} from '../../support/repository.js'

let directory: string
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'hokku-git-')))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(directory, {recursive: true})
})

const remotes = async (at: string): Promise<string[]> => (await readRemotes(at)).remotes.map(({name, url}) => `${name} ${url}`)

async function repository(path: string, remote: string, kind: 'bare' | 'work tree'): Promise<void> {
  await emptyRepository(path, kind)
  await writeFile(join(path, 'config'), `[remote "${remote}"]\n\turl = u\n`, {flag: 'a'})
}

test('the remotes of a directory are those of the repository around it, be it a work tree or bare', async () => {
  await repository(join(directory, '.git'), 'outer', 'work tree')
  await repository(join(directory, 'inner.git'), 'inner', 'bare')
  await mkdir(join(directory, 'linked/deep'), {recursive: true})
  expect(await remotes(join(directory, 'linked/deep'))).toEqual(['outer u'])
  expect(await remotes(join(directory, 'inner.git/refs'))).toEqual(['inner u'])
  await writeFile(join(directory, 'linked/.git'), `gitdir: ${join(directory, 'inner.git')}\n`)
  expect(await remotes(join(directory, 'linked/deep'))).toEqual(['inner u'])
})

test('GIT_DIR names the repository of a directory that is in none', async () => {
  await repository(join(directory, 'elsewhere'), 'named', 'work tree')
  expect(await remotes(directory)).toEqual([])
  vi.stubEnv('GIT_DIR', join(directory, 'elsewhere'))
  expect(await remotes(directory)).toEqual(['named u'])
})

test('where there is no repository git is not started', async () => {
  await writeFile(join(directory, 'git'), `#!/bin/sh\n: > ${directory}/started\n`, {mode: 0o755})
  vi.stubEnv('PATH', directory)
  expect(await insideRepository(directory)).toBe(false)
  expect(await remotes(directory)).toEqual([])
  expect(existsSync(join(directory, 'started'))).toBe(false)
  await mkdir(join(directory, '.git'))
  expect(await insideRepository(directory)).toBe(true)
  expect(existsSync(join(directory, 'started'))).toBe(true)
})
