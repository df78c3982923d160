import type {Readable} from 'node:stream'
import type {Platform} from '../client/platform.js'
import {attachTerminal, type LocalTerminal, terminalSize, wantsTty} from './attach-terminal.js'
import type {LocalProgram} from './local-program.js'
import {runLocal} from './local-program.js'

export interface ConsoleRequest {
  /** Name of the add-on. */
  addon: string
  /** How this machine would do it. */
  local: LocalProgram
  /** argv inside the add-on's container, where the server's own client is. */
  inside: string[]
  /** What stands for stdin inside; undefined = this terminal. */
  input?: () => Readable
  /** Whether there is a conversation, or one command that needs no terminal. */
  interactive: 'yes' | 'no'
}

/** A database's own client: this machine's if it has one, else the one in the add-on's container. Resolves with its exit code. */
export async function openConsole(platform: Platform, request: ConsoleRequest): Promise<number> {
  return (await runLocal(request.local)) ?? (await runInside(platform, request))
}

async function runInside(platform: Platform, request: ConsoleRequest): Promise<number> {
  const own: LocalTerminal = {stdin: process.stdin, stdout: process.stdout}
  const tty = request.interactive === 'yes' && wantsTty(own)
  const session = await platform.data.console(request.addon, {command: request.inside, tty: tty ? terminalSize(own) : undefined})
  const terminal = request.input === undefined ? own : {...own, stdin: request.input()}
  return await attachTerminal(session, terminal, {tty})
}
