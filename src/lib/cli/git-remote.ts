import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {shellQuote} from './formats/styled.js'
import {git} from './git.js'

/** What a repository needs to push to an app without being asked for a password. */
export interface RemoteAccess {
  /** What app names are appended to: `http://127.0.0.1:5055/`. */
  gitUrl: string
  /** git's `credential.helper` value. */
  helper: string
}

/**
 * Our own credential helper: absolute paths, so that git finds it from any PATH. git also tells helpers what to store and to erase; the
 * shell answers that, since starting Node for nothing would cost every push 80 ms.
 */
export function credentialHelper(root: string, env: NodeJS.ProcessEnv, node: string = process.execPath): string {
  const program = join(root, 'dist', 'git-credentials.js')
  const words = existsSync(program) ? [program] : [join(root, 'bin', 'dev.js'), 'git:credentials', 'get']
  const home = env['HOKKU_HOME'] ? [`HOKKU_HOME=${shellQuote(env['HOKKU_HOME'])}`] : []
  const command = [...home, 'NODE_EXTRA_CA_CERTS=', ...[node, ...words].map(shellQuote)].join(' ')
  return `!ask() { test "$1" != get || ${command}; }; ask`
}

/** `git config` settings as [key, value] in order. Only for our URL: no other host's passwords are touched. */
export function accessSettings({gitUrl, helper}: RemoteAccess): [string, string][] {
  const {origin} = new URL(gitUrl)
  return [
    // An empty helper makes git forget the helpers configured globally, which would store or ask.
    [`credential.${origin}.helper`, ''],
    [`credential.${origin}.helper`, helper],
    // A proxy cannot reach this machine's own 127.0.0.1.
    [`http.${origin}.proxy`, ''],
  ]
}

/** Writes them into the repository's own config, replacing what was there. */
export async function installAccess(directory: string, access: RemoteAccess): Promise<void> {
  const seen = new Set<string>()
  for (const [key, value] of accessSettings(access)) {
    await git(directory, 'config', '--local', seen.has(key) ? '--add' : '--replace-all', key, value)
    seen.add(key)
  }
}

export function appGitUrl(gitUrl: string, app: string): string {
  return `${gitUrl.endsWith('/') ? gitUrl : `${gitUrl}/`}${app}.git`
}

/** Adds the remote, or points an existing one there. */
export async function setRemote(directory: string, remote: string, url: string, exists: boolean): Promise<void> {
  await git(directory, 'remote', exists ? 'set-url' : 'add', remote, url)
}
