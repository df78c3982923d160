import {type ChildProcess, spawn} from 'node:child_process'
import {closeSync, existsSync, mkdirSync, openSync} from 'node:fs'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import type {Readable} from 'node:stream'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {type ErrorId, errorStatus, PlatformError} from '../schema/errors.js'
import type {Home} from '../schema/home.js'
import type {ReadyLine} from '../schema/runtime-status.js'
import {RuntimeUnavailable} from './errors.js'

/** How long a runtime may take to be ready, in milliseconds. */
const patience = 60_000

/**
 * Starts the runtime in the background and resolves when it serves. Two at once are no problem: the second one finds the
 * first one's lock and says ready once that one listens. Throws PlatformError with the runtime's own reason, or RuntimeUnavailable.
 */
export async function launch(home: Home, env: NodeJS.ProcessEnv): Promise<void> {
  const crashes = openLog(home)
  const child = spawn(process.execPath, runtimeArguments(), {
    cwd: home.root,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', crashes, 'pipe'],
    env: {...env, HOKKU_HOME: home.root, HOKKU_READY_FD: '3'},
  })
  const pipe = child.stdio[3] as Readable
  try {
    raise(await readyLine(child, pipe, home), home)
  } finally {
    pipe.destroy()
    child.unref()
  }
}

/** Runs the runtime in this terminal until it ends; resolves with its exit code. */
export function runInForeground(home: Home, env: NodeJS.ProcessEnv): Promise<number> {
  closeSync(openLog(home))
  const child = spawn(process.execPath, runtimeArguments(), {stdio: 'inherit', env: {...env, HOKKU_HOME: home.root}})
  // Ctrl-C reaches the child by itself; we only wait for it to finish.
  const ignore = (): void => undefined
  const pass = (): boolean => child.kill('SIGTERM')
  process.on('SIGINT', ignore).on('SIGTERM', pass)
  return new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)))
  }).finally(() => process.off('SIGINT', ignore).off('SIGTERM', pass))
}

/** The first thing that is written to a home; one where that fails is no place for a runtime. Throws conflict. */
function openLog(home: Home): number {
  try {
    mkdirSync(home.root, {recursive: true, mode: 0o700})
    return openSync(home.runtimeLog, 'a', 0o600)
  } catch (cause) {
    const message = `Nothing can be written to ${home.root}, where hokku keeps what it knows: ${(cause as Error).message}. Make it writable, or name another directory with HOKKU_HOME.`
    throw new PlatformError('conflict', message, {cause})
  }
}

/** argv after `node`: the bundle's dist/runtime.js, or the source through tsx when this file is source itself. */
export function runtimeArguments(from: string = import.meta.url): string[] {
  const here = fileURLToPath(from)
  if (here.endsWith('.ts')) {
    const loader = createRequire(from).resolve('tsx')
    return ['--import', pathToFileURL(loader).href, join(dirname(here), '../runtime/main.ts')]
  }
  for (let folder = dirname(here); ; folder = dirname(folder)) {
    const entry = join(folder, 'runtime.js')
    // No --enable-source-maps: reading the map costs 65 MB and 130 ms, and the bundle's lines are readable as they are.
    if (existsSync(entry)) return [entry]
    if (folder === dirname(folder)) throw new Error(`runtime.js is missing beside ${here}: install hokku again.`)
  }
}

function readyLine(child: ChildProcess, pipe: Readable, home: Home): Promise<ReadyLine> {
  const failed = (what: string, again: boolean): RuntimeUnavailable => new RuntimeUnavailable(what, {again, log: home.runtimeLog})
  return new Promise((resolve, reject) => {
    let text = ''
    const timer = setTimeout(() => reject(failed(`The runtime is not ready after ${patience / 1000} s.`, true)), patience)
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      act()
    }
    pipe.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const end = text.indexOf('\n')
      if (end >= 0) settle(() => resolve(JSON.parse(text.slice(0, end)) as ReadyLine))
    })
    pipe.once('error', () => undefined)
    child.once('error', error => settle(() => reject(failed(`The runtime could not be started: ${error.message}`, true))))
    // `close` comes after the pipe has been read to its end, so a line written just before the exit is not lost.
    child.once('close', code => settle(() => reject(failed(`The runtime ended before it was ready (exit code ${code}).`, false))))
  })
}

function raise(line: ReadyLine, home: Home): void {
  if (!('error' in line)) return
  const {id, message} = line.error
  if (Object.hasOwn(errorStatus, id)) throw new PlatformError(id as ErrorId, message)
  throw new RuntimeUnavailable(message, {again: false, log: home.runtimeLog})
}
