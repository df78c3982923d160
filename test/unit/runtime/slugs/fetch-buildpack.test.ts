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
const how = {directory: join(directory, 'cache'), env: process.env, namedBy: 'app' as const, signal: new AbortController().signal}
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

test('the host’s stored passwords are given to what the app names, not to what the source names', async () => {
  const seen: (string | undefined)[] = []
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization)
    response.writeHead(401, {'WWW-Authenticate': 'Basic realm="x"'}).end()
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/private.git`
  const helper = '!f() { echo username=me; echo password=secret; }; f'
  const env = {
    ...process.env,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'credential.helper',
    GIT_CONFIG_VALUE_0: helper,
    NO_PROXY: '*',
    no_proxy: '*',
  }
  const asked = async (namedBy: 'app' | 'source'): Promise<boolean> => {
    seen.length = 0
    const unsaid = {...how, directory: join(directory, namedBy), namedBy, env}
    await expect(fetchBuildpack({kind: 'git', url, ref: undefined}, unsaid)).rejects.toThrow('could not be fetched')
    return seen.some(authorization => authorization !== undefined)
  }
  expect(await asked('app')).toBe(true)
  expect(await asked('source')).toBe(false)
  server.close()
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

  test('that has no end is not read to it', async () => {
    const megabyte = Buffer.alloc(1 << 20)
    const server = createServer((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(megabyte));
      }
      response.on('drain', more)
      more()
    })
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bp.tgz`
    await expect(fetchBuildpack({kind: 'tarball', url}, {...how, largest: 8 << 20})).rejects.toThrow('it has more than 8 MB')
    server.close()
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
