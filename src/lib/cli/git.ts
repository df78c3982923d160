import {execFile} from 'node:child_process'
import {existsSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {CommandError} from './command-error.js'

export interface Remote {
  name: string
  url: string
}

export interface RepositoryRemotes {
  remotes: Remote[]
  /** git's own config key `hokku.remote` (or Heroku's `heroku.remote`): the remote to use when there are several. */
  preferred: string | undefined
}

/** Remotes of the repository around a directory; none outside of one or without git. Does not load execa: every command calls it. */
export function readRemotes(directory: string): Promise<RepositoryRemotes> {
  if (!mayBeInRepository(directory)) return Promise.resolve(parseRemotes(''))
  const question = ['config', '--local', '--get-regexp', String.raw`^(remote\..*\.url|hokku\.remote|heroku\.remote)$`]
  return new Promise(resolve => {
    execFile('git', question, {cwd: directory}, (error, stdout) => resolve(parseRemotes(error ? '' : stdout)))
  })
}

/** Reads `git config --get-regexp`: `remote.hokku.url http://…` a line. */
export function parseRemotes(text: string): RepositoryRemotes {
  const lines = text.split('\n').filter(Boolean)
  const entries = lines.map(line => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const)
  const remotes = entries
    .filter(([key]) => key.startsWith('remote.'))
    .map(([key, url]) => ({name: key.slice('remote.'.length, -'.url'.length), url}))
  const config = Object.fromEntries(entries)
  return {remotes, preferred: config['hokku.remote'] ?? config['heroku.remote']}
}

/** Runs git; resolves with what it printed. A failure is an error with git's own words. */
export async function git(directory: string, ...args: string[]): Promise<string> {
  const {execa} = await import('execa')
  return (await execa('git', args, {cwd: directory})).stdout
}

export async function insideRepository(directory: string): Promise<boolean> {
  if (!mayBeInRepository(directory)) return false
  return git(directory, 'rev-parse', '--git-dir').then(
    () => true,
    () => false,
  )
}

/** Whether git is worth a start: it looks for `.git` here and above, or for a bare repository, which has a HEAD (git-rev-parse, gitrepository-layout). */
function mayBeInRepository(directory: string): boolean {
  if (process.env['GIT_DIR']) return true
  if (['.git', 'HEAD'].some(name => existsSync(join(directory, name)))) return true
  const above = dirname(directory)
  return above !== directory && mayBeInRepository(above)
}

/** Runs git with this terminal as its own. Its failure is ours: it has said why. */
export async function gitInTerminal(...args: string[]): Promise<void> {
  const {execa} = await import('execa')
  const {exitCode} = await execa('git', args, {stdio: 'inherit', reject: false})
  if (exitCode !== 0) throw new CommandError(`git ${args[0]} failed.`, {id: 'git_failed', exit: exitCode ?? 1})
}
