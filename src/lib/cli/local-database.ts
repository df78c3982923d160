import {type ChildProcess, spawn} from 'node:child_process'
import {text} from 'node:stream/consumers'
import {CommandError, usageError} from './command-error.js'

/** A database that PostgreSQL's own client programs reach from this machine. */
export interface LocalDatabase {
  /** As it was written, without its password. */
  shown: string
  /** Its name. */
  name: string
  /** Whether it is on this machine: then it may be created. */
  near: boolean
  /** What libpq reads: no password shows in a process list. */
  env: NodeJS.ProcessEnv
}

/** Reads the name of a database, or the URL of one; what a URL leaves out, PGHOST and its kin say. Throws a usage error. */
export function localDatabase(given: string, env: NodeJS.ProcessEnv): LocalDatabase {
  if (!given.includes('://')) return {shown: given, name: given, near: true, env: {...env, PGDATABASE: given}}
  if (!URL.canParse(given) || !/^postgres(ql)?:/.test(given)) throw usageError(`${given} is neither a database nor a postgres:// URL.`)
  const url = new URL(given)
  const {hostname, port, username, password, pathname, searchParams} = url
  const name = decodeURIComponent(pathname.slice(1))
  if (name === '') throw usageError(`${given} names no database.`)
  const host = hostname.replace(/^\[|\]$/g, '')
  const set = {
    PGDATABASE: name,
    ...(host && {PGHOST: host}),
    ...((port || host) && {PGPORT: port || '5432'}),
    ...(username && {PGUSER: decodeURIComponent(username)}),
    ...(password && {PGPASSWORD: decodeURIComponent(password)}),
    PGSSLMODE: searchParams.get('sslmode') ?? env['PGSSLMODE'] ?? 'prefer',
  }
  if (password) url.password = '…'
  return {shown: password ? decodeURI(url.href) : given, name, near: host === '' || host === 'localhost', env: {...env, ...set}}
}

/** A program of PostgreSQL with pipes at both ends, not yet ended. `over` rejects with its own words, and when it is not here. */
export function startClient(database: LocalDatabase, program: string, args: string[]): {child: ChildProcess; over: Promise<void>} {
  const child = spawn(program, args, {env: database.env, stdio: ['pipe', 'pipe', 'pipe']})
  const said = text(child.stderr)
  // One that ends early leaves what is written to it unread.
  child.stdin.on('error', () => undefined)
  const over = new Promise<void>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? missing(program) : error))
    child.once('close', code => {
      if (code === 0) return resolve()
      void said.then(words => reject(new CommandError(words.trim() || `${program} errored with ${code}`, {id: 'client_failed'})))
    })
  })
  // It is awaited later, when others are done.
  over.catch(() => undefined)
  return {child, over}
}

/** What such a program prints. Throws with its words when it fails. */
export async function askClient(database: LocalDatabase, program: string, args: string[]): Promise<string> {
  const {child, over} = startClient(database, program, args)
  child.stdin?.end()
  const answer = child.stdout === null ? '' : text(child.stdout)
  await over
  return (await answer).trim()
}

function missing(program: string): CommandError {
  return new CommandError(`There is no ${program} on this machine.`, {
    id: 'client_missing',
    suggestions: ["install PostgreSQL's client programs, postgresql-client in most package managers"],
  })
}
