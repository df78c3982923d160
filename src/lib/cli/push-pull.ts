import {randomUUID} from 'node:crypto'
import {text} from 'node:stream/consumers'
import type {DynoSession} from '../client/dynos.js'
import type {Platform} from '../client/platform.js'
import {CommandError} from './command-error.js'
import {askClient, type LocalDatabase, startClient} from './local-database.js'

export interface PushPull {
  platform: Platform
  /** Name of the add-on. */
  addon: string
  local: LocalDatabase
  /** Patterns of tables whose rows stay behind. */
  excluded: string[]
  /** Called as bytes go through; `all` is what the data takes at its source. */
  far(done: number, all: number): void
}

const notEmpty = 'Remote database is not empty. Please create a new database or use hokku pg:reset'
const countTables = 'SELECT count(*) FROM pg_stat_user_tables'

/** `a;b` → patterns, as the official CLI has them. */
export function parseExclusions(list: string | undefined): string[] {
  return (list ?? '').split(';').flatMap(one => one.trim() || [])
}

/**
 * Fills an empty database of an app with what one of this machine holds. It gets all of it in one step at the end, or stays empty. Resolves
 * with what the server said of objects that could not be made.
 */
export async function pushDatabase({platform, addon, local, excluded, far}: PushPull): Promise<string[]> {
  const all = Number(await askClient(local, 'psql', psql('SELECT pg_database_size(current_database())')))
  if ((await askInside(platform, addon, countTables)) !== '0') throw new CommandError(notEmpty, {id: 'not_empty'})
  const extensions = await askInside(platform, addon, "SELECT string_agg(extname, ',') FROM pg_extension WHERE extname <> 'plpgsql'")
  const id = randomUUID()
  const session = await inside(platform, addon, ['database-transfer', 'restore', id, '-', extensions])
  const said = text(session.stream)
  const args = ['-F', 'c', '-Z', '0', '-N', '_heroku', ...excluded.map(one => `--exclude-table-data=${one}`), local.name]
  const {child, over} = startClient(local, 'pg_dump', args)
  child.stdin?.end()
  count(child.stdout, done => far(done, all))
  child.stdout?.pipe(session.stream, {end: false})
  try {
    await over
  } catch (error) {
    await output(platform, addon, ['database-transfer', 'cancel', id])
    session.stream.end()
    await said.catch(() => undefined)
    throw error
  }
  session.stream.end()
  const lines = (await said).trim().split('\n')
  if ((await session.exitCode()) !== 0)
    throw new CommandError(`${addon} did not take the data, and is as empty as it was:\n${lines.slice(-5).join('\n')}`, {id: 'push_failed'})
  return lines.includes('Warnings: 0') ? [] : lines
}

/**
 * Makes a database of this machine (or fills an empty one elsewhere) with what one of an app holds: all of it, or nothing. Resolves with the
 * extensions that the target does not have, which were left out.
 */
export async function pullDatabase({platform, addon, local, excluded, far}: PushPull): Promise<string[]> {
  if (local.near) await askClient(local, 'createdb', [local.name])
  else if ((await askClient(local, 'psql', psql(countTables))) !== '0') throw new CommandError(notEmpty, {id: 'not_empty'})
  try {
    const all = Number(await output(platform, addon, ['database-transfer', 'size']))
    const left = await missingExtensions(platform, addon, local)
    await copyInto({platform, addon, local, excluded, far}, {all, left})
    return left
  } catch (error) {
    if (local.near) await askClient(local, 'dropdb', ['--if-exists', local.name]).catch(() => undefined)
    throw error
  }
}

async function copyInto({platform, addon, local, excluded, far}: PushPull, {all, left}: {all: number; left: string[]}): Promise<void> {
  const id = randomUUID()
  const session = await inside(platform, addon, ['database-transfer', 'plain', id, left.join(','), excluded.join(';')])
  session.stream.end()
  const {child, over} = startClient(local, 'psql', ['-qX', '-v', 'ON_ERROR_STOP=1', '--single-transaction', '-o', '/dev/null'])
  count(session.stream, done => far(done, all))
  if (child.stdin === null) throw new Error('psql has no stdin')
  session.stream.pipe(child.stdin, {end: false})
  const arrived = new Promise<void>((resolve, reject) => {
    session.stream.once('end', resolve).once('error', reject).once('close', resolve)
  })
  await Promise.race([arrived, over])
  const code = await session.exitCode().catch(() => undefined)
  // Its end of input would commit what has come so far.
  if (code !== 0) child.kill('SIGKILL')
  child.stdin.end()
  await over.catch(error => {
    if (code === 0 || (error as CommandError).message.includes('ERROR')) throw error
  })
  if (code !== 0) {
    const why = await output(platform, addon, ['database-transfer', 'log', id]).catch(() => '')
    throw new CommandError(`The dump of ${addon} broke off, so nothing was kept. ${why}`.trim(), {id: 'pull_failed'})
  }
}

async function missingExtensions(platform: Platform, addon: string, local: LocalDatabase): Promise<string[]> {
  const lines = (all: string): string[] => all.split('\n').filter(one => one !== '')
  const there = lines(await askInside(platform, addon, "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1"))
  const here = new Set(lines(await askClient(local, 'psql', psql('SELECT name FROM pg_available_extensions'))))
  return there.filter(one => !here.has(one))
}

/** Beside what pipes it on. */
function count(from: NodeJS.ReadableStream | null, far: (done: number) => void): void {
  let done = 0
  from?.on('data', (chunk: Buffer) => {
    done += chunk.length
    far(done)
  })
}

function psql(sql: string): string[] {
  return ['-qtAX', '-v', 'ON_ERROR_STOP=1', '--command', sql]
}

/** What a query says, asked as the add-on's own role beside its server. */
export async function askInside(platform: Platform, addon: string, sql: string): Promise<string> {
  return await output(platform, addon, ['psql', ...psql(sql)])
}

async function output(platform: Platform, addon: string, command: string[]): Promise<string> {
  const session = await inside(platform, addon, command)
  session.stream.end()
  const said = (await text(session.stream)).trim()
  if ((await session.exitCode()) === 0) return said
  throw new CommandError(said, {id: 'query_failed'})
}

async function inside(platform: Platform, addon: string, command: string[]): Promise<DynoSession> {
  return await platform.data.console(addon, {command, tty: undefined})
}
