import {execFileSync} from 'node:child_process'
import {mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {expect, test} from 'vitest'
import {gitFiles} from '../../../src/lib/cli/git-files.js'
import {sourceFiles, withoutGit} from '../../../src/lib/cli/source-tarball.js'

async function folder(files: Record<string, string>) {
  const path = await mkdtemp(join(tmpdir(), 'hokku-files-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), {recursive: true})
    await writeFile(join(path, name), content)
  }
  return {path, [Symbol.asyncDispose]: () => rm(path, {recursive: true, force: true})}
}

const git = (directory: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {cwd: directory, encoding: 'utf8', stdio: 'pipe'})

test('what is tracked is taken though it is ignored, what is deleted is not, and info/exclude counts', async () => {
  await using source = await folder({'.gitignore': 'dist/\n', 'dist/app.js': 'x', 'gone.txt': 'x', 'new.txt': 'x', 'private.txt': 'x'})
  git(source.path, 'init', '-q')
  git(source.path, 'add', '-f', 'dist/app.js', 'gone.txt', '.gitignore')
  await rm(join(source.path, 'gone.txt'))
  await writeFile(join(source.path, '.git/info/exclude'), 'private.txt\n')
  await writeFile(join(source.path, 'dist/more.js'), 'x')
  expect(await sourceFiles(source.path)).toEqual(['.gitignore', 'dist/app.js', 'new.txt'])
})

test('submodules and repositories within come with their files, never with their .git', async () => {
  await using source = await folder({'a.txt': 'x', 'lib/one.txt': 'x', 'lib/.gitignore': '*.log\n', 'lib/x.log': '', 'nested/two.txt': 'x'})
  git(source.path, 'init', '-q')
  for (const inner of ['lib', 'nested']) {
    git(join(source.path, inner), 'init', '-q')
    git(join(source.path, inner), 'add', '-A')
    git(join(source.path, inner), 'commit', '-q', '-m', 'x')
  }
  const head = git(join(source.path, 'lib'), 'rev-parse', 'HEAD').trim()
  git(source.path, 'update-index', '--add', '--cacheinfo', `160000,${head},lib`)
  expect(await sourceFiles(source.path)).toEqual(['a.txt', 'lib/.gitignore', 'lib/one.txt', 'nested/two.txt'])
})

test('a folder that the repository around it ignores is deployed all the same, as it is on its own', async () => {
  await using source = await folder({'.gitignore': 'build/\n', 'build/index.html': 'x', 'build/.gitignore': '*.map\n', 'build/a.map': ''})
  git(source.path, 'init', '-q')
  expect(await sourceFiles(join(source.path, 'build'))).toEqual(['.gitignore', 'index.html'])
})

test('links are taken as links, names of any kind too, and .slugignore knows no negation', async () => {
  await using source = await folder({'ünï code.txt': 'x', 'docs/a.md': '', 'docs/keep.md': '', '.slugignore': 'docs\n!docs/keep.md\n'})
  await symlink('/etc', join(source.path, 'link'))
  expect(await sourceFiles(source.path)).toEqual(['.slugignore', 'link', 'ünï code.txt'])
})

test('without git the same files are taken as with it', async () => {
  const seed = Number(process.env['HOKKU_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  let state = seed
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >>> 8) % below
  }
  const one = <T>(of: T[]): T => of[random(of.length)] as T
  const names = ['a', 'b', 'lib', 'tmp', 'x.log', 'y.log', 'z.txt']
  const patterns = [
    '*.log',
    '!x.log',
    'tmp/',
    '/tmp',
    'lib/*',
    '!lib/a',
    '**/b',
    'a',
    '# no',
    '',
    'lib/**/y.log',
    '!tmp',
    '/lib/tmp/',
    'z.*',
    '\\!a',
  ]
  const rounds = Number(process.env['HOKKU_ROUNDS'] ?? 4)
  for (let round = 0; round < rounds; round += 1) {
    const files: Record<string, string> = {}
    for (let count = 0; count < 12; count += 1)
      files[
        [
          ...Array.from({length: random(3)}, () => one(['lib', 'tmp', 'sub'])),
          one(names.filter(name => !['lib', 'tmp'].includes(name))),
        ].join('/')
      ] = 'x'
    for (const place of ['', 'lib/', 'sub/'])
      if (random(2) === 0) files[`${place}.gitignore`] = Array.from({length: 1 + random(4)}, () => one(patterns)).join('\n')
    await using source = await folder(files)
    const why = `seed ${seed}, round ${round}: ${JSON.stringify(files)}`
    expect((await withoutGit(source.path)).sort(), why).toEqual((await gitFiles(source.path))?.sort())
  }
}, 60_000)
