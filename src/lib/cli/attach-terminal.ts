import type {Readable, Writable} from 'node:stream'
import type {DynoSession, TerminalSize} from '../client/dynos.js'
import {CommandError, exitCodes} from './command-error.js'

/** What a dyno is attached to: the process's own streams, but in tests. */
export interface LocalTerminal {
  stdin: Readable & {isTTY?: boolean; setRawMode?: (raw: boolean) => unknown; unref?: () => unknown}
  stdout: Writable & {isTTY?: boolean; columns?: number; rows?: number}
}

/** Whether the dyno should get a terminal: only when both ends are one, so that `run … > file` gets the bytes of the program alone. */
export function wantsTty({stdin, stdout}: LocalTerminal): boolean {
  return stdin.isTTY === true && stdout.isTTY === true
}

/** Undefined when stdout is no terminal. */
export function terminalSize({stdout}: LocalTerminal): TerminalSize | undefined {
  const {isTTY, columns, rows} = stdout
  return isTTY && columns && rows ? {columns, rows} : undefined
}

/**
 * Joins this terminal and the dyno until the dyno ends; resolves with its exit code. With `tty` the terminal is raw meanwhile, so
 * Ctrl-C reaches the dyno, and every change of size is passed on; without it the end of stdin is the end of the dyno's.
 * Throws CommandError when the connection is lost. When our stdout closes (`| head`) the dyno is let go of and the code is 0.
 */
export async function attachTerminal(session: DynoSession, terminal: LocalTerminal, {tty}: {tty: boolean}): Promise<number> {
  const release = tty ? takeTerminal(session, terminal) : pipeInput(session, terminal)
  try {
    const how = await copyOutput(session, terminal.stdout)
    if (how === 'closed') return 0
    if (how instanceof CommandError) throw how
    return await exitCodeOf(session, how)
  } finally {
    release()
    terminal.stdin.pause()
    terminal.stdin.unref?.()
    session.stream.destroy()
  }
}

/** Answers how to give the terminal back. */
function takeTerminal(session: DynoSession, terminal: LocalTerminal): () => void {
  const {stdin, stdout} = terminal
  const typed = keyboard(session)
  const resized = (): void => {
    const size = terminalSize(terminal)
    // A size that comes too late, when the dyno has just ended, concerns nobody.
    if (size !== undefined) session.resize(size).catch(() => undefined)
  }
  stdin.setRawMode?.(true)
  stdin.on('data', typed)
  stdout.on('resize', resized)
  return () => {
    stdin.off('data', typed)
    stdout.off('resize', resized)
    stdin.setRawMode?.(false)
  }
}

function pipeInput({stream}: DynoSession, {stdin}: LocalTerminal): () => void {
  stdin.pipe(stream)
  return () => void stdin.unpipe(stream)
}

/** As with the official CLI, four Ctrl-C within a second let go of a dyno that does not react. */
function keyboard({stream}: DynoSession): (chunk: Buffer) => void {
  let interrupts: number[] = []
  return chunk => {
    stream.write(chunk)
    if (chunk.length !== 1 || chunk[0] !== 3) return
    const now = Date.now()
    interrupts = [...interrupts.filter(at => at > now - 1000), now]
    if (interrupts.length >= 4) stream.destroy(new CommandError('forcing dyno disconnect'))
  }
}

type Ending = 'ended' | 'closed' | Error

/** Resolves when the stream has ended, when our stdout was closed, or with the error that broke either. */
function copyOutput({stream}: DynoSession, stdout: Writable): Promise<Ending> {
  return new Promise(resolve => {
    const drained = (): void => void stream.resume()
    const finish = (ending: Ending): void => {
      stdout.off('drain', drained).off('error', refused)
      resolve(ending)
    }
    const refused = (error: NodeJS.ErrnoException): void => finish(error.code === 'EPIPE' ? 'closed' : error)
    stdout.on('drain', drained).on('error', refused)
    stream.on('data', (chunk: Buffer) => {
      if (!stdout.write(chunk)) stream.pause()
    })
    stream.once('end', () => finish('ended'))
    stream.on('error', finish)
    stream.once('close', () => finish(new Error('the connection was closed')))
  })
}

/** A dyno that ends with input unread resets the connection: the runtime knows whether it has ended. */
async function exitCodeOf(session: DynoSession, how: 'ended' | Error): Promise<number> {
  try {
    return await session.exitCode()
  } catch (error) {
    if (how === 'ended') throw error
    throw new CommandError(`The connection to the dyno was lost: ${how.message}.`, {
      id: 'connection_lost',
      exit: exitCodes.tryAgain,
      suggestions: ['hokku ps, to see whether it still runs'],
    })
  }
}
