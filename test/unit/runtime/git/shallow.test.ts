import {execFileSync} from 'node:child_process'
import {mkdtemp, rename, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {isShallow} from '../../../../src/lib/runtime/git/shallow.js'

const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=Dev', '-c', 'user.email=dev@example.com', ...args], {cwd, encoding: 'utf8', stdio: 'pipe'}).trim()

test('a push is shallow when git has its file for that and the history ends too soon', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hk-shallow-'))
  try {
    const [work, whole, shallow] = ['work', 'whole.git', 'shallow.git'].map(name => join(directory, name)) as [string, string, string]
    git(directory, 'init', '--quiet', 'work')
    for (const message of ['first', 'second']) git(work, 'commit', '--quiet', '--allow-empty', '-m', message)
    const commit = git(work, 'rev-parse', 'HEAD')
    git(directory, 'clone', '--quiet', '--bare', `file://${work}`, 'whole.git')
    git(directory, 'clone', '--quiet', '--bare', '--depth=1', `file://${work}`, 'shallow.git')
    // As in the hook: the pushed commit is there and no ref leads to it yet.
    for (const repository of [whole, shallow]) await rm(join(repository, 'packed-refs'))
    await rename(join(shallow, 'shallow'), join(shallow, 'shallow_a1B2c3'))
    expect(await isShallow({repository: shallow, commit, prefix: ''})).toBe(true)
    expect(await isShallow({repository: whole, commit, prefix: ''})).toBe(false)
    // Somebody else's push of another kind at that moment says nothing of this one.
    await writeFile(join(whole, 'shallow_a1B2c3'), '')
    expect(await isShallow({repository: whole, commit, prefix: ''})).toBe(false)
  } finally {
    await rm(directory, {recursive: true, force: true})
  }
})
