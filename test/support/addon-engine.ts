import {Duplex} from 'node:stream'
import {buffer} from 'node:stream/consumers'
import type {ExecResult, Session} from '../../src/lib/engine/engine.js'
import {type MemoryEngine, type MemoryOptions, memoryEngine} from '../../src/lib/engine/memory/memory-engine.js'
import type {Program} from '../../src/lib/engine/memory/process.js'
import {shell} from '../../src/lib/engine/memory/shell.js'
import {catalogueServices} from './catalogue-directory.js'
import {tarOf} from './tar-of.js'

export interface AddonEngineOptions extends MemoryOptions {
  /** Whether health commands succeed; default yes. */
  healthy?: () => boolean
  /** How they end when they do not; default 2. */
  unhealthy?: number
}

/** What the servers hold, by container: a test may read and change it. */
export interface AddonData {
  data: Map<string, {text: string; window?: string}>
}

/** The memory engine with the catalogue's images: servers that serve, and the commands beside them. */
export function addonEngine({healthy = () => true, unhealthy = 2, ...options}: AddonEngineOptions = {}): MemoryEngine & AddonData {
  const engine = memoryEngine({program: imageOrShell, ...options})
  const data = new Map<string, Data>()
  return {
    ...engine,
    data,
    exec: async (id, command, how) => {
      const result =
        command[1] === 'window'
          ? said(data.get(id)?.window ?? '')
          : known(command, how?.stdin?.toString() ?? '', () => (healthy() ? 0 : unhealthy))
      if (result === undefined) return await engine.exec(id, command, how)
      await engine.exec(id, ['true'])
      return result
    },
    execAttached: async (id, command, how) => {
      if (command[0] === 'database-rollback') return cloneSession(`${data.get(id)?.text ?? 'rows of the server'} at ${command[1]}`)
      if (command[0] === 'database-clone') return cloneSession(data.get(id)?.text ?? 'rows of the server')
      if (command[0] === 'database-transfer') return transferSession(id, command.slice(1), data)
      if (!isClient(command)) return await engine.execAttached(id, command, how)
      await engine.exec(id, ['true'])
      return clientSession(command)
    },
  }
}

/** A container without a command runs its image's server, which listens where one of the catalogue does. */
const imageOrShell: Program = process => {
  if (process.argv.length > 0) return shell(process)
  for (const {port} of servers) process.around.listen(port)
  return process.forever()
}

function isClient([name]: string[]): boolean {
  return name === 'psql' || name === 'redis-cli'
}

/** What the catalogue's manifests call health, info and so on: servers without a branch of their own below obey those too. */
const servers = catalogueServices().map(({manifest}) => manifest.local)

function isNamed(name: 'health' | 'info' | 'reset' | 'disconnect', command: string[]): boolean {
  return servers.some(({commands}) => commands[name]?.join('\0') === command.join('\0'))
}

function said(stdout: string): ExecResult {
  return {exitCode: 0, stdout: Buffer.from(stdout), stderr: Buffer.alloc(0)}
}

function known(command: string[], stdin: string, health: () => number): ExecResult | undefined {
  const result = (exitCode: number, stdout = ''): ExecResult => ({exitCode, stdout: Buffer.from(stdout), stderr: Buffer.alloc(0)})
  if (command[0] === 'database-info') return result(0, databaseInfo)
  if (command[0] === 'database-followers') return result(0)
  if (command[0] === 'database-settings') return settingsOf(command.slice(1))
  if (command[0] === 'database-diagnose') return result(0, JSON.stringify(checks))
  if (command[0]?.startsWith('database-reset') || command[0] === 'database-disconnect') return result(0)
  if (isNamed('health', command)) return result(health())
  if (isNamed('info', command)) return result(0, 'Version: 1.2.3\n')
  if (isNamed('reset', command) || isNamed('disconnect', command)) return result(0)
  if (!isClient(command)) return undefined
  return result(0, answerTo(command, stdin))
}

const databaseInfo = `Connections: 2/20
PG Version: 17.11
Data Size: 1.0 MB
Tables: 3
Fork/Follow: Forks available
Rollback: Unsupported
Continuous Protection: Off
`

/** A server that has what it was told last, and does not know of anything largest. */
function settingsOf([name, value]: string[]): ExecResult {
  if (value === 'largest') return {exitCode: 64, stdout: Buffer.alloc(0), stderr: Buffer.from('largest is no policy.\n')}
  const settings = {maxmemory_policy: {value: 'noeviction', values: {noeviction: 'returns errors'}}, timeout: {value: 300}}
  return {exitCode: 0, stdout: Buffer.from(name === undefined ? JSON.stringify(settings) : ''), stderr: Buffer.alloc(0)}
}

const checks = [
  {name: 'Connection Count', status: 'green', results: {count: 2}},
  {name: 'Sequences', status: 'yellow', results: [{sequence: 'public.items_id_seq', used: 80.1}]},
  {name: 'Schema Count', status: 'red', results: {schema_count: 51}},
]

/** Repeats what it was asked; `exit N` in it is the exit code. */
function answerTo(command: string[], stdin: string): string {
  const at = command.indexOf('--command')
  if (command[at + 1]?.includes("extname = 'pg_stat_statements'")) return 'public\n'
  return `asked ${(at === -1 ? stdin : (command[at + 1] as string)).trim()}\n`
}

/** What a server holds, and how a dump that waits is ended. */
interface Data {
  text: string
  /** Seconds since 1970 from which it can be rolled back. */
  window?: string
  canceled?: () => void
  /** The restore that its data is of. */
  replacedBy?: string
}

/** As the catalogue's `transfer` commands: the data of a server is a text, `fails` in it fails, `dies` ends a restore when it is done, `waits` in it waits to be canceled. */
function transferSession(id: string, [action = '', transfer = '', bytes]: string[], servers: Map<string, Data>): Session {
  const server = servers.get(id) ?? {text: 'rows of the server'}
  servers.set(id, server)
  return answering(async (input, say) => {
    if (action === 'size') say('4096\n')
    if (action === 'log') say(server.text.includes('fails') ? 'pg_dump: error: it fails\n' : '')
    if (action === 'cancel') server.canceled?.()
    if (action === 'cancel' && server.replacedBy === transfer) say('Restored\n')
    if (action === 'backup' && server.text.includes('waits')) {
      await new Promise<void>(resolve => Object.assign(server, {canceled: resolve}))
      return 1
    }
    if (action === 'backup') say(`PGDMP${server.text}`)
    if (action === 'backup') return server.text.includes('fails') ? 1 : 0
    if (action !== 'restore' && action !== 'verify') return 0
    const dump = await input
    if (dump.length !== Number(bytes) || !dump.startsWith('PGDMP')) {
      say(`This is no dump, or not all of it: ${transfer}\n`)
      return 1
    }
    if (action === 'verify') say(dump.includes('spoiled') ? 'COPY failed\n' : 'Tables: 1\n')
    if (action === 'verify' && dump.includes('spoiled')) return 1
    if (action === 'restore') Object.assign(server, {text: dump.slice('PGDMP'.length), replacedBy: transfer})
    if (action === 'restore' && server.text.includes('dies')) return 137
    say(server.text.includes('warns') ? 'an extension is not here\nWarnings: 1\n' : 'Warnings: 0\n')
    return 0
  })
}

/** A process that works on all of its input, or without it; resolves with its exit code. */
function answering(work: (input: Promise<string>, say: (text: string) => void) => Promise<number>): Session {
  let input = ''
  let complete: (text: string) => void = () => undefined
  const all = new Promise<string>(resolve => {
    complete = resolve
  })
  const stream: Duplex = new Duplex({
    read: () => undefined,
    write: (chunk, _encoding, next) => {
      input += String(chunk)
      next()
    },
    final: next => {
      complete(input)
      next()
    },
  })
  const ended = work(all, text => void stream.push(text)).then(code => {
    stream.push(null)
    return code
  })
  return {stream, ended, resize: async () => undefined}
}

/** Answers at the end of its input, or at once what is on its command line. */
function clientSession(command: string[]): Session {
  return answering(async (input, say) => {
    const answer = answerTo(command, command.includes('--command') ? '' : await input)
    say(answer)
    return Number(/exit (\d+)/.exec(answer)?.[1] ?? 0)
  })
}

/** A tar with one file; of a text with `breaks` in it, only its beginning, and an exit code. */
function cloneSession(text: string): Session {
  const stream = new Duplex({read: () => undefined, write: (_chunk, _encoding, next) => next()})
  const ended = (async () => {
    const tar = await buffer(tarOf({rows: text}))
    stream.push(text.includes('breaks') ? tar.subarray(0, 600) : tar)
    stream.push(null)
    return text.includes('breaks') ? 1 : 0
  })()
  return {stream, ended, resize: async () => undefined}
}
