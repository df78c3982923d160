import {execFileSync} from 'node:child_process'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {startTestPlatform} from '../../../support/platform.js'

const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=Dev', '-c', 'user.email=dev@example.com', ...args], {cwd, encoding: 'utf8', stdio: 'pipe'}).trim()

test('the repository of a new app is whole, has main for its branch, and takes a push by its path', async () => {
  await using platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
  const repository = join(platform.home.git, 'demo.git')
  expect(git(repository, 'rev-parse', '--is-bare-repository')).toBe('true')
  expect(git(repository, 'fsck', '--strict')).toBe('')
  git(platform.home.root, 'init', '--quiet', '--initial-branch=main', 'work')
  const work = join(platform.home.root, 'work')
  git(work, 'commit', '--quiet', '--allow-empty', '-m', 'first')
  git(work, 'push', '--quiet', repository, 'main')
  expect(git(repository, 'rev-parse', 'HEAD')).toBe(git(work, 'rev-parse', 'main'))
})

test('without git there are apps, and a push says what to install', async () => {
  await using platform = await startTestPlatform()
  const path = process.env['PATH']
  process.env['PATH'] = platform.home.logs
  try {
    await platform.api('POST', '/apps', {name: 'demo'})
    const refused = platform.api('GET', '/demo.git/info/refs?service=git-receive-pack')
    await expect(refused).rejects.toThrow(/503 .*git is not installed on this host: install it and push again\./)
  } finally {
    process.env['PATH'] = path
  }
})
