import {execFileSync} from 'node:child_process'
import {chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {fetchBuildpack} from '../../../../src/lib/runtime/slugs/fetch-buildpack.js'
import {tarOf} from './source-files.js'

const directory = mkdtempSync(join(tmpdir(), 'hokku-fetch-'))
const repository = join(directory, 'origin')
const how = {directory: join(directory, 'cache'), env: process.env, signal: new AbortController().signal}
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {cwd: repository, encoding: 'utf8'}).trim()
const fetched = async (ref?: string) =>
  (await fetchBuildpack({kind: 'git', url: `file://${repository}`, ref}, how)).map(({path, content, mode, link}) => ({
    path,
    text: content.toString(),
    executable: (mode & 0o111) !== 0,
    ...(link && {link}),
  }))

let first: string

beforeAll(() => {
  mkdirSync(join(repository, 'bin'), {recursive: true})
  writeFileSync(join(repository, 'bin/compile'), 'one')
  chmodSync(join(repository, 'bin/compile'), 0o755)
  symlinkSync('compile', join(repository, 'bin/build'))
  git('init', '-q', '-b', 'main')
  git('add', '-A')
  git('commit', '-qm', 'one')
  git('tag', 'v1')
  first = git('rev-parse', 'HEAD')
  writeFileSync(join(repository, 'bin/compile'), 'two')
  git('commit', '-qam', 'two')
})
afterAll(() => rmSync(directory, {recursive: true, force: true}))

describe('a buildpack of a git repository', () => {
  const build = {path: 'bin/build', text: '', executable: true, link: 'compile'}

  test('is what its default branch has now', async () => {
    expect(await fetched()).toEqual([build, {path: 'bin/compile', text: 'two', executable: true}])
    writeFileSync(join(repository, 'bin/compile'), 'three')
    git('commit', '-qam', 'three')
    expect((await fetched())[1]?.text).toBe('three')
  })

  test('is what a tag, a branch or a commit has', async () => {
    expect((await fetched('v1'))[1]?.text).toBe('one')
    expect((await fetched('main'))[1]?.text).not.toBe('one')
    expect((await fetched(first))[1]?.text).toBe('one')
    expect((await fetched(first.slice(0, 9)))[1]?.text).toBe('one')
  })

  test('that cannot be had says which and why, without the password in its address', async () => {
    await expect(fetched('no-such-ref')).rejects.toThrow(/could not be fetched:[\s\S]*no-such-ref/)
    const url = 'http://me:secret@127.0.0.1:9/bp.git'
    const error = await fetchBuildpack({kind: 'git', url, ref: undefined}, how).catch((reason: Error) => reason.message)
    expect(error).toContain('The buildpack http://127.0.0.1:9/bp.git could not be fetched:')
    expect(error).not.toContain('secret')
  })
})

describe('a buildpack of a tarball', () => {
  async function served(tar: Buffer, status = 200) {
    const server = createServer((_request, response) => response.writeHead(status).end(tar))
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bp.tgz`
    return await fetchBuildpack({kind: 'tarball', url}, how).finally(() => server.close())
  }

  test('is unpacked, out of its one folder too', async () => {
    const plain = await served(gzipSync(tarOf([{path: 'bin/compile', text: 'x'}])))
    const foldered = await served(tarOf([{path: 'bp-1.0/bin/compile', text: 'x'}]))
    expect(plain.map(({path}) => path)).toEqual(['bin/compile'])
    expect(foldered.map(({path}) => path)).toEqual(['bin/compile'])
  })

  test('that leaves its folder, is missing or is none, is refused', async () => {
    await expect(served(tarOf([{path: '../../etc/cron.d/x', text: 'x'}]))).rejects.toThrow('refused')
    await expect(served(Buffer.from(''), 404)).rejects.toThrow('the server answered 404 Not Found')
    await expect(served(gzipSync('no tar at all'.repeat(100)))).rejects.toThrow('could not be fetched')
  })
})

test('a buildpack of a folder is its files without .git; a missing folder is told', async () => {
  const files = await fetchBuildpack({kind: 'folder', path: repository}, how)
  expect(files.map(({path}) => path)).toEqual(['bin/build', 'bin/compile'])
  await expect(fetchBuildpack({kind: 'folder', path: join(directory, 'no')}, how)).rejects.toThrow('could not be fetched')
})
