import {spawn} from 'node:child_process'
import {X509Certificate} from 'node:crypto'
import {accessSync, constants, existsSync, readdirSync, readFileSync} from 'node:fs'
import {homedir, userInfo} from 'node:os'
import {delimiter, join} from 'node:path'
import {shellQuote} from '../formats/styled.js'
import type {LocalCa, Machine, TrustStore} from './stores.js'

export interface StoreResult {
  store: string
  done: boolean
  /** Why not, and what would do it. */
  message: string
}

export function thisMachine(env: NodeJS.ProcessEnv, terminal: boolean): Machine {
  const folders = (env['PATH'] ?? '').split(delimiter)
  return {
    platform: process.platform,
    uid: userInfo().uid,
    homeDirectory: env['HOME'] || homedir(),
    exists: existsSync,
    list: path => (existsSync(path) ? readdirSync(path) : []),
    // Users find these two only where their PATH has what is for administrators.
    has: program =>
      [...folders, '/usr/sbin', '/sbin'].some(folder =>
        isExecutable(join(folder, process.platform === 'win32' ? `${program}.exe` : program)),
      ),
    terminal,
  }
}

/** The authority whose certificate lies there. */
export function localCa(path: string): LocalCa {
  const certificate = new X509Certificate(readFileSync(path))
  return {path, name: certificate.subject.replace('CN=', ''), sha1: certificate.fingerprint.replaceAll(':', '')}
}

/** Does what one store needs, and tells what came of it. */
export async function apply(store: TrustStore, what: 'trust' | 'untrust', env: NodeJS.ProcessEnv): Promise<StoreResult> {
  const nothing = what === 'untrust' && store.untrust.length === 0
  if (store.unable !== undefined && !nothing) return {store: store.name, done: false, message: store.unable}
  for (const [index, words] of store[what].entries()) {
    const failure = await run(words, env)
    // What is not trusted, or not there, need not be taken away.
    if (failure === undefined || (what === 'untrust' && isAbsent(failure))) continue
    const byHand = store[what].slice(index).map(argv => argv.map(shellQuote).join(' ').replace('sudo -n ', 'sudo '))
    return {store: store.name, done: false, message: `${failure}. By hand: ${byHand.join(' && ')}`}
  }
  return {store: store.name, done: true, message: ''}
}

/** certutil: SEC_ERROR_UNRECOGNIZED_OID, `could not find certificate`; security: `The specified item could not be found in the keychain`. */
function isAbsent(failure: string): boolean {
  return /could not (find|be found)|UNRECOGNIZED_OID|not found/i.test(failure)
}

/** The last line of what a program complained about; undefined when it ended well. */
function run([program = '', ...args]: string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const path = [env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(delimiter)
  return new Promise(resolve => {
    // A password is asked for at the terminal itself.
    const child = spawn(program, args, {stdio: ['inherit', 'pipe', 'pipe'], env: {...env, PATH: path}})
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', chunk => {
        said += chunk
      })
    child.once('error', error => resolve(`${program}: ${error.message}`))
    child.once('close', code => resolve(code === 0 ? undefined : said.trim().split('\n').at(-1) || `${program} ended with ${code}`))
  })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
