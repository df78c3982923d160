import {execFileSync} from 'node:child_process'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** What git needs to see a repository (gitrepository-layout): to start git for it takes ten times as long. */
export async function emptyRepository(path: string, bare: 'bare' | 'work tree' = 'bare'): Promise<void> {
  for (const name of ['objects', 'refs', 'info']) await mkdir(join(path, name), {recursive: true})
  await writeFile(join(path, 'config'), `[core]\n\trepositoryformatversion = 0\n\tbare = ${bare === 'bare'}\n`)
  await writeFile(join(path, 'HEAD'), 'ref: refs/heads/main\n')
}

/**
 * A bare repository whose branch main has one commit: files by path, and links to commits of other repositories. Returns the commit.
 * git is started once: from a process as large as this one, a start takes longer than what git then does.
 */
export async function bareRepository(path: string, files: Record<string, string>, links: Record<string, string> = {}): Promise<string> {
  await emptyRepository(path)
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`
  const changes = [
    ...Object.entries(files).map(([name, text]) => `M 100644 inline ${name}\n${data(text)}`),
    ...Object.entries(links).map(([name, commit]) => `M 160000 ${commit} ${name}\n`),
  ]
  const commit = `commit refs/heads/main\nmark :1\ncommitter a <a@b> 1000000000 +0000\n${data('x')}${changes.join('')}\nget-mark :1\n`
  const options = ['-c', 'fastimport.unpackLimit=1', 'fast-import', '--quiet', '--done', '--cat-blob-fd=1']
  return execFileSync('git', options, {cwd: path, input: `${commit}done\n`, encoding: 'utf8', stdio: 'pipe'}).trim()
}

/** An empty repository in a folder of its own, and git in it. */
export async function workRepository() {
  const directory = await mkdtemp(join(tmpdir(), 'hokku-repo-'))
  await emptyRepository(join(directory, '.git'), 'work tree')
  const git = (...args: string[]): string => execFileSync('git', args, {cwd: directory, encoding: 'utf8'})
  return {directory, git, [Symbol.asyncDispose]: () => rm(directory, {recursive: true, force: true})}
}
