import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'
import type {PJSON} from '@oclif/core/interfaces'
import {type CommandTable, commandWords} from './lib/cli/command-words.js'
import {guardRunLine} from './lib/cli/run-line.js'

/**
 * Runs the command line; `dir` is the URL of the program in bin/. A command that the manifest knows is started at once,
 * without oclif's search for plugins, hooks and themes, which takes longer than most commands; help, unknown words and the
 * rest go oclif's own way.
 */
export async function execute({dir, args: given = process.argv.slice(2)}: {dir: string; args?: string[]}): Promise<void> {
  const args = guardRunLine(given)
  const root = fileURLToPath(new URL('..', dir)).replace(/[/\\]$/, '')
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PJSON
  try {
    if (!(await startDirectly(root, pjson, args))) await startByOclif(root, args)
  } catch (error) {
    await end(error as Error & {code?: string; oclif?: {exit?: number}})
  }
}

async function startDirectly(root: string, pjson: PJSON, args: string[]): Promise<boolean> {
  const table = readTable(root, pjson.version)
  const words = table && !asksForHelp(args) ? commandWords(args, table) : undefined
  // help needs to know every command.
  if (!words || words.id === 'help') return false
  const file = join(root, ...(table?.[words.id]?.relativePath ?? []))
  const [{default: Command}, {bareConfig}] = await Promise.all([import(pathToFileURL(file).href), import('./lib/cli/bare-config.js')])
  Command.id = words.id
  await new Command(words.argv, bareConfig(root, pjson))._run()
  return true
}

/** Undefined when there is no manifest of this version: a checkout in the middle of something. */
function readTable(root: string, version: string): CommandTable | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'))
    return manifest.version === version ? manifest.commands : undefined
  } catch {
    return undefined
  }
}

function asksForHelp(args: string[]): boolean {
  const end = args.indexOf('--')
  return (end < 0 ? args : args.slice(0, end)).includes('--help')
}

async function startByOclif(root: string, args: string[]): Promise<void> {
  const {run, flush} = await import('./lib/cli/oclif.js')
  await run(args, root)
  await flush()
}

/** BaseCommand has said what went wrong and only the exit code is left; anything else is for oclif to print. */
async function end(error: Error & {code?: string; oclif?: {exit?: number}}): Promise<void> {
  const {handle, flush} = await import('./lib/cli/oclif.js')
  if (error.code !== 'EEXIT') await handle(error)
  await flush()
  process.exit(error.oclif?.exit ?? 1)
}
