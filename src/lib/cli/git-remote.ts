import {resolveHome} from '../schema/home.js'
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
 * Our own credential helper, all shell: starting Node would cost every push 40 ms. It gives the token only while the runtime's
 * process lives, for a program that took the port of a runtime that is gone must not get it. git also tells helpers what to
 * store and to erase; there is nothing to do then.
 */
export function credentialHelper(env: NodeJS.ProcessEnv): string {
  const {pid, token} = resolveHome(env)
  const alive = `kill -0 "$(cat ${shellQuote(pid)})" 2>/dev/null`
  const answer = `printf 'username=hokku\\npassword=%s\\n' "$(cat ${shellQuote(token)})"`
  return `!ask() { if test "$1" = get && ${alive}; then ${answer}; fi; }; ask`
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
