import type {Readable} from 'node:stream'
import type {Credential} from '../client/data.js'
import type {Platform} from '../client/platform.js'
import {openConsole} from './console.js'
import type {Database} from './database.js'

export interface PsqlRequest {
  app: string
  database: Database
  /** SQL to run; undefined: a conversation, or what `file` holds. */
  command?: string
  /** SQL file on this machine. */
  file?: {path: string; open(): Readable}
  /** Of the command line. */
  env: NodeJS.ProcessEnv
}

/** psql on a database: this machine's if it has one, else the one beside the server. Resolves with its exit code. */
export async function runPsql(platform: Platform, {app, database, command, file, env}: PsqlRequest): Promise<number> {
  const credential = await platform.data.credential(database.addon.name)
  const prompts = promptArgs(app, database)
  const sql = command === undefined ? [] : ['--command', command]
  const from = (name: string): string[] => (file === undefined ? [] : ['--file', name])
  return await openConsole(platform, {
    addon: database.addon.name,
    local: {program: 'psql', args: [...prompts, ...sql, ...from(file?.path ?? '')], env: {...env, ...connection(credential)}},
    inside: ['psql', ...prompts, ...sql, ...from('-')],
    ...(file !== undefined && {input: () => file.open()}),
    interactive: command === undefined && file === undefined ? 'yes' : 'no',
  })
}

/** `demo::DATABASE=> ` */
function promptArgs(app: string, {attachments}: Database): string[] {
  const name = attachments[0]?.name.replace(/^HEROKU_POSTGRESQL_/, '') ?? ''
  const prompt = `${app}::${name}%R%# `
  return ['--set', `PROMPT1=${prompt}`, '--set', `PROMPT2=${prompt}`]
}

/** What libpq reads. The password is in the environment, so that no process list shows it. */
function connection({host, port, database, credentials}: Credential): NodeJS.ProcessEnv {
  const [first] = credentials
  return {PGHOST: host, PGPORT: String(port), PGDATABASE: database, PGUSER: first?.user, PGPASSWORD: first?.password, PGSSLMODE: 'prefer'}
}
