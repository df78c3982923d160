import {randomBytes} from 'node:crypto'
import {mkdir, mkdtemp, readdir, rm, symlink} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import {text} from 'node:stream/consumers'
import {extract} from 'tar-stream'
import {describe, expect, test} from 'vitest'
import {archiveOf} from '../../../../src/lib/runtime/git/archive.js'
import {placeOf, printable, resolveUrl} from '../../../../src/lib/runtime/git/submodule-urls.js'
import {type SubmoduleLimits, submoduleLimits, withSubmodules} from '../../../../src/lib/runtime/git/submodules.js'
import {type GitServer, gitServer} from '../../../support/git-server.js'
import {bareRepository} from '../../../support/repository.js'

const password = 'p@ss:w/rd'

/** A server with repositories, and an app's repository beside other apps'. */
class Yard implements AsyncDisposable {
  readonly lines: string[] = []

  private constructor(
    readonly directory: string,
    readonly server: GitServer,
  ) {}

  static async make(): Promise<Yard> {
    const directory = await mkdtemp(join(tmpdir(), 'hk-sub-'))
    await mkdir(join(directory, 'served', 'private'), {recursive: true})
    return new Yard(directory, await gitServer(join(directory, 'served'), password))
  }

  /** Commits files, and links to other repositories, into a bare repository; the commit. */
  repository(name: string, files: Record<string, string>, links: Record<string, string> = {}): Promise<string> {
    return bareRepository(join(this.directory, name), files, links)
  }

  /** Files of the app and of its submodules, as they are sent to be built. */
  async checkedOut(commit: string, limits: Partial<SubmoduleLimits> = {}): Promise<Record<string, string>> {
    const repository = join(this.directory, 'git', 'app.git')
    const cache = join(repository, 'submodules')
    const onLine = (line: string): void => void this.lines.push(line.replaceAll(this.server.url, 'URL').replace(/[0-9a-f]{40}/g, 'COMMIT'))
    const checkouts = await withSubmodules({repository, commit, prefix: ''}, {cache, onLine, limits: {...submoduleLimits, ...limits}})
    const files: Record<string, string> = {}
    for await (const entry of Readable.from(archiveOf(checkouts)).pipe(extract())) {
      const content = await text(entry)
      if (entry.header.type === 'file') files[entry.header.name] = content
    }
    return files
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
    await rm(this.directory, {recursive: true, force: true})
  }
}

const modules = (entries: Record<string, {path: string; url: string}>): string =>
  Object.entries(entries)
    .map(([name, {path, url}]) => `[submodule "${name}"]\n\tpath = ${path}\n\turl = ${url}\n`)
    .join('')

describe('submodules', () => {
  test('come with their recorded commits, recursively, relative URLs resolved', async () => {
    await using yard = await Yard.make()
    const deep = await yard.repository('served/deep.git', {'deep.txt': 'deep', '.gitattributes': '* export-ignore\n'})
    const nested = {'lib.txt': 'one', '.gitmodules': modules({deep: {path: 'inner/deep', url: '../deep.git'}})}
    const lib = await yard.repository('served/lib.git', nested, {'inner/deep': deep})
    const app = await yard.repository(
      'git/app.git',
      {'a.txt': 'a'.repeat(2000), '.gitmodules': modules({lib: {path: 'vendor/lib', url: `${yard.server.url}/lib.git`}})},
      {'vendor/lib': lib},
    )
    const files = await yard.checkedOut(app)
    expect(Object.keys(files).sort()).toEqual([
      ...['.gitmodules', 'a.txt', 'vendor/lib/.gitmodules', 'vendor/lib/inner/deep/.gitattributes', 'vendor/lib/inner/deep/deep.txt'],
      'vendor/lib/lib.txt',
    ])
    expect(yard.lines).toEqual([
      '-----> Git submodules detected, installing',
      "       Submodule 'lib' (URL/lib.git) registered for path 'vendor/lib'",
      "       Submodule path 'vendor/lib': checked out 'COMMIT'",
      "       Submodule 'deep' (../deep.git) registered for path 'vendor/lib/inner/deep'",
      "       Submodule path 'vendor/lib/inner/deep': checked out 'COMMIT'",
    ])
    const asked = yard.server.requests.length
    expect(await yard.checkedOut(app)).toEqual(files)
    expect(yard.server.requests.length, 'what is known is not asked for again').toBe(asked)
  })

  test('with credentials in the URL come too, and the credentials are shown nowhere', async () => {
    await using yard = await Yard.make()
    const lib = await yard.repository('served/private/lib.git', {'lib.txt': 'secret'})
    const link = async (user: string): Promise<string> => {
      const url = yard.server.url.replace('//', `//${user}@`)
      await rm(join(yard.directory, 'git'), {recursive: true, force: true})
      return await yard.repository('git/app.git', {'.gitmodules': modules({lib: {path: 'lib', url: `${url}/private/lib.git`}})}, {lib})
    }
    expect(await yard.checkedOut(await link(`deploy:${encodeURIComponent(password)}`))).toMatchObject({'lib/lib.txt': 'secret'})
    const refused = await yard.checkedOut(await link('deploy:wrong')).catch((error: Error) => error.message)
    expect(refused).toMatch(/^The submodule 'lib' \(http:\/\/127\S+\/private\/lib\.git\) at lib could not be fetched:\nfatal: .*/)
    expect([refused, ...yard.lines].join('\n')).not.toMatch(/wrong|p%40ss|deploy/)
  })

  test('by a relative URL at the top come from another app', async () => {
    await using yard = await Yard.make()
    const lib = await yard.repository('git/1234.git', {'lib.txt': 'shared'})
    await symlink('1234.git', join(yard.directory, 'git', 'shared.git'))
    const app = await yard.repository('git/app.git', {'.gitmodules': modules({s: {path: 's', url: '../shared.git'}})}, {s: lib})
    expect(await yard.checkedOut(app)).toMatchObject({'s/lib.txt': 'shared'})
  })

  test('that no .gitmodules names stay empty, with a warning', async () => {
    await using yard = await Yard.make()
    const app = await yard.repository('git/app.git', {'a.txt': 'a'}, {lost: '1'.repeat(40)})
    expect(await yard.checkedOut(app)).toEqual({'a.txt': 'a'})
    expect(yard.lines).toEqual([' !     lost is another repository, and no .gitmodules says which: its folder stays empty.'])
  })

  test.each([
    ['a commit that is not there', {url: 'URL/lib.git'}, 'f'.repeat(40), `It has no commit ${'f'.repeat(40)}`],
    [
      'a repository that is not there',
      {url: 'URL/none.git'},
      undefined,
      /could not be fetched:\nfatal: repository 'http:\S+\/none.git\/' not found/,
    ],
    ['a path of this host', {url: '/etc'}, undefined, 'cannot be fetched from there'],
    ['a file: URL', {url: 'file:///etc'}, undefined, 'cannot be fetched from there'],
    ['a program for a URL', {url: 'ext::sh -c touch% /tmp/hacked'}, undefined, 'cannot be fetched from there'],
    ['an option for a URL', {url: '--upload-pack=touch hacked'}, undefined, 'cannot be fetched from there'],
    ['an ssh URL', {url: 'git@example.com:a/b.git'}, undefined, 'cannot be fetched from there'],
    ['an app that is not there', {url: '../none.git'}, undefined, 'There is no app none here'],
    ['a way out of the apps', {url: '../../../etc'}, undefined, 'cannot be fetched from there'],
    ['the scheme that only we write', {url: 'hokku://apps/app.git'}, undefined, 'cannot be fetched from there'],
    ['another path in .gitmodules', {url: 'URL/lib.git', path: 'other'}, undefined, "No url found for submodule path 'lib' in .gitmodules"],
  ])('that cannot be had are named: %s', async (_, {url, path = 'lib'}: {url: string; path?: string}, commit, message) => {
    await using yard = await Yard.make()
    // Where nothing is asked for, any commit will do.
    const lib = url.startsWith('URL/') ? await yard.repository('served/lib.git', {'lib.txt': 'x'}) : 'e'.repeat(40)
    const entry = modules({'my lib': {path, url: url.replace('URL', yard.server.url)}})
    const app = await yard.repository('git/app.git', {'.gitmodules': entry}, {lib: commit ?? lib})
    const said = await yard.checkedOut(app).then(
      () => 'accepted',
      (error: Error) => error.message,
    )
    expect(said).toMatch(message)
    if (!said.startsWith('No url')) expect(said).toContain("The submodule 'my lib'")
  })

  test('whose names are paths make no files by them', async () => {
    await using yard = await Yard.make()
    const lib = await yard.repository('served/lib.git', {'lib.txt': 'x'})
    const entry = modules({'../../../hooks': {path: 'lib', url: `${yard.server.url}/lib.git`}})
    const app = await yard.repository('git/app.git', {'.gitmodules': entry}, {lib})
    expect(await yard.checkedOut(app)).toMatchObject({'lib/lib.txt': 'x'})
    expect((await readdir(join(yard.directory, 'git', 'app.git', 'submodules'))).every(name => /^[0-9a-f]{40}\.git$/.test(name))).toBe(true)
    expect((await readdir(join(yard.directory, 'git'))).sort()).toEqual(['app.git'])
  })

  test.each([
    ['in number', {count: 1}, 'There are more than 1 submodules.'],
    ['in depth', {depth: 1}, 'Submodules lie more than 1 deep.'],
    ['in size', {bytes: 1000}, 'The submodules are larger than 1 GB.'],
    ['in time', {timeout: 0}, 'took longer than 0 minutes'],
  ])('are bounded %s', async (_, limits, message) => {
    await using yard = await Yard.make()
    const deep = await yard.repository('served/deep.git', {'deep.txt': randomBytes(2000).toString('hex')})
    const nested = {'.gitmodules': modules({deep: {path: 'deep', url: '../deep.git'}})}
    const lib = await yard.repository('served/lib.git', nested, {deep})
    const app = await yard.repository(
      'git/app.git',
      {'.gitmodules': modules({lib: {path: 'lib', url: `${yard.server.url}/lib.git`}})},
      {lib},
    )
    await expect(yard.checkedOut(app, limits)).rejects.toThrow(message)
  })
})

test.each([
  ['../b.git', 'https://h/x/a.git', 'https://h/x/b.git'],
  ['../../b', 'https://u:p@h/x/a.git/', 'https://u:p@h/b'],
  ['./b.git', 'https://h/a', 'https://h/a/b.git'],
  ['https://other/b', 'https://h/a', 'https://other/b'],
])('%s beside %s is %s', (url, base, resolved) => {
  expect(resolveUrl(url, base)).toBe(resolved)
})

test('what others write reaches a terminal without credentials and control characters', () => {
  expect(printable("fatal: 'https://me:tok@h/x' \u001b[31mno\r")).toBe("fatal: 'https://h/x' ?[31mno?")
  expect(placeOf('https://h/a\nb', 'x')).toBeUndefined()
})
