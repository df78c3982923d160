import {AsyncLocalStorage} from 'node:async_hooks'
import {readdirSync, readFileSync} from 'node:fs'
import {join, sep} from 'node:path'
import {Readable} from 'node:stream'
import {fileURLToPath, pathToFileURL} from 'node:url'
import type {Command} from '@oclif/core/command'
import {Config} from '@oclif/core/config'
import type {PJSON, Plugin} from '@oclif/core/interfaces'
import {run} from '@oclif/core/run'
import notFound from '../../src/hooks/command-not-found.js'
import {bareConfig} from '../../src/lib/cli/bare-config.js'
import {type CommandTable, commandWords} from '../../src/lib/cli/command-words.js'

export interface CommandResult {
  stdout: string
  stderr: string
  exitCode: number
}

export interface RunOptions {
  /** On top of this process's environment, without its HOKKU_APP and HEROKU_APP; undefined removes. */
  env?: NodeJS.ProcessEnv
  /** Default: the home named in env, which is in no git repository. */
  cwd?: string
  /** What the command reads; default nothing. */
  stdin?: string
}

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '')
const folder = join(root, 'src/commands')

/**
 * Runs a command of the CLI in this process and catches what it prints and how it would exit. A string is split as a shell
 * would split it. Output of other things going on in this process is not caught; environment and directory are the
 * process's own while it runs, so commands that differ in them must not overlap.
 */
export async function runCommand(command: string | string[], options: RunOptions = {}): Promise<CommandResult> {
  const argv = typeof command === 'string' ? shellWords(command) : command
  const caught: Caught = {stdout: '', stderr: ''}
  const restore = enter(options)
  try {
    const exitCode = await catching.run(caught, () => dispatch(argv))
    return {...caught, exitCode}
  } finally {
    restore()
  }
}

/** `config:set A="two words"` → [`config:set`, `A=two words`]. */
export function shellWords(line: string): string[] {
  const words = line.match(/(?:[^\s"']+|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? []
  return words.map(word =>
    word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_all, double, single) => single ?? double.replace(/\\(.)/g, '$1')),
  )
}

interface Caught {
  stdout: string
  stderr: string
}

const catching = new AsyncLocalStorage<Caught>()

async function dispatch(argv: string[]): Promise<number> {
  process.exitCode = undefined
  try {
    await start(argv)
    return Number(process.exitCode ?? 0)
  } catch (error) {
    const {oclif, message, code} = error as Error & {oclif?: {exit?: number}; code?: string}
    if (code !== 'EEXIT') process.stderr.write(` ›   Error: ${message}\n`)
    return oclif?.exit ?? 1
  } finally {
    process.exitCode = undefined
  }
}

/** As src/run.ts does: a known command directly, help by oclif. Only aliases and mistakes need every class loaded. */
async function start(argv: string[]): Promise<void> {
  const help = argv.length === 0 || argv.includes('--help') || argv[0] === 'help'
  const direct = help ? undefined : commandWords(argv, ours().table)
  if (direct) return runClass(await commandClass(direct.id), direct.argv)
  const classes = await allCommands()
  const config = await configWith(classes)
  if (help) return void (await run(argv, config))
  const known = commandWords(
    argv,
    tableOf(classes.map(({id, aliases, hiddenAliases}) => ({id, file: '', aliases: [...aliases, ...hiddenAliases]}))),
  )
  if (known) return runClass(await commandClass(known.id), known.argv)
  const end = argv.findIndex(word => word.startsWith('-'))
  const id = argv.slice(0, end < 0 ? argv.length : end).join(':')
  await notFound.call({} as never, {id, argv: end < 0 ? [] : argv.slice(end), config, context: {} as never})
}

async function runClass(command: Command.Class, argv: string[]): Promise<void> {
  const {pjson} = ours()
  await new (command as unknown as Concrete)(argv, bareConfig(root, pjson))._run()
}

/** A command as src/run.ts sees it. */
type Concrete = new (argv: string[], config: ReturnType<typeof bareConfig>) => {_run(): Promise<unknown>}

function tableOf(commands: {id: string; file: string; aliases: string[]}[]): CommandTable {
  return Object.fromEntries(commands.map(({id, file, aliases}) => [id, {aliases, hiddenAliases: [], relativePath: [file]}]))
}

interface Ours {
  /** Files by the ids of commands. */
  files: Map<string, string>
  table: CommandTable
  pjson: PJSON
}

let found: Ours | undefined

/** Read once: there is one set of commands, and reading took half the time of a short one. */
function ours(): Ours {
  found ??= read()
  return found
}

function read(): Ours {
  const names = readdirSync(folder, {recursive: true, encoding: 'utf8'}).filter(file => file.endsWith('.ts'))
  const files = new Map(names.map(file => [idOf(file), file]))
  const table = tableOf([...files].map(([id, file]) => ({id, file, aliases: []})))
  return {files, table, pjson: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PJSON}
}

function idOf(file: string): string {
  return file
    .replace(/\.ts$/, '')
    .split(sep)
    .filter((part, at, all) => part !== 'index' || at < all.length - 1)
    .join(':')
}

const classes = new Map<string, Promise<Command.Class>>()

/** Imported once: vitest asks its main process at every import() whether that still leads where it led. */
function commandClass(id: string): Promise<Command.Class> {
  const known = classes.get(id) ?? importClass(id)
  classes.set(id, known)
  return known
}

async function importClass(id: string): Promise<Command.Class> {
  const file = ours().files.get(id)
  if (file === undefined) throw new Error(`There is no file of ${id}.`)
  const {default: found} = (await import(pathToFileURL(join(folder, file)).href)) as {default: Command.Class}
  found.id = id
  return found
}

async function allCommands(): Promise<Command.Class[]> {
  return Promise.all([...ours().files.keys()].map(commandClass))
}

const configs = new Map<string, Promise<Config>>()

/** oclif's config over these commands, once for each environment: it has folders by that, and no home of ours. */
function configWith(classes: Command.Class[]): Promise<Config> {
  const key = JSON.stringify([classes.length, {...process.env, HOKKU_HOME: ''}])
  const known = configs.get(key) ?? loadConfig(classes)
  configs.set(key, known)
  return known
}

/** The commands are loaded already: oclif's own loader would not see TypeScript here. */
async function loadConfig(classes: Command.Class[]): Promise<Config> {
  const {pjson} = ours()
  const commands = classes.map(one => ({
    id: one.id,
    aliases: one.aliases,
    hiddenAliases: one.hiddenAliases,
    hidden: one.hidden,
    args: one.args,
    flags: one.flags ?? {},
    strict: one.strict,
    description: one.description,
    summary: one.summary,
    examples: one.examples,
    usage: one.usage,
    pluginName: pjson.name,
    load: async () => one,
  }))
  const plugin = {
    name: pjson.name,
    alias: pjson.name,
    version: pjson.version,
    type: 'core',
    moduleType: 'module',
    root,
    pjson,
    isRoot: true,
    valid: true,
    hasManifest: false,
    commands,
    commandIDs: classes.map(one => one.id),
    topics: [],
    hooks: {},
  } as unknown as Plugin
  const oclif = {...pjson.oclif, helpClass: undefined}
  return Config.load({root, pjson: {...pjson, oclif} as PJSON, plugins: new Map([[plugin.name, plugin]])})
}

/** How many commands are on stage, and what the process was before the first one came: of its environment, what they changed. */
const stage = {
  commands: 0,
  before: {env: new Map<string, string | undefined>(), cwd: '', stdin: undefined as PropertyDescriptor | undefined},
}

/** Sets the stage; returns what puts everything back when the last command has left. */
function enter({env = {}, cwd, stdin = ''}: RunOptions): () => void {
  if (stage.commands === 0) stage.before = {env: new Map(), cwd: process.cwd(), stdin: Object.getOwnPropertyDescriptor(process, 'stdin')}
  stage.commands += 1
  const wanted = new Map(Object.entries({HOKKU_APP: undefined, HEROKU_APP: undefined, ...env}))
  for (const name of wanted.keys()) if (!stage.before.env.has(name)) stage.before.env.set(name, process.env[name])
  // What an earlier one wanted and is still on stage, this one has not asked for.
  setEnv(new Map([...stage.before.env, ...wanted]))
  process.chdir(cwd ?? env['HOKKU_HOME'] ?? root)
  Object.defineProperty(process, 'stdin', {configurable: true, value: Readable.from(stdin === '' ? [] : [Buffer.from(stdin)])})
  catchOutput('stdout')
  catchOutput('stderr')
  return () => {
    stage.commands -= 1
    if (stage.commands > 0) return
    // As long as anything is caught, Node follows every promise of the process.
    catching.disable()
    Object.defineProperty(process, 'stdin', stage.before.stdin ?? {configurable: true, value: undefined})
    process.chdir(stage.before.cwd)
    setEnv(stage.before.env)
  }
}

/** Touches these only, for each variable is a call into C. */
function setEnv(env: ReadonlyMap<string, string | undefined>): void {
  for (const [name, value] of env) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
}

const patched = Symbol('catches output of commands')

/** Once per process: what a command writes goes to its own result, all else where it went before. */
function catchOutput(name: 'stdout' | 'stderr'): void {
  const stream = process[name] as NodeJS.WriteStream & {[patched]?: true}
  if (stream[patched]) return
  stream[patched] = true
  const original = stream.write
  stream.write = ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => {
    const caught = catching.getStore()
    if (!caught) return original.call(stream, chunk, encoding as BufferEncoding, done as () => void)
    caught[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
    const callback = typeof encoding === 'function' ? encoding : done
    if (typeof callback === 'function') callback()
    return true
  }) as typeof stream.write
}
