import {connect} from 'node:net'
import type {Engine} from '../../engine/engine.js'

/** One of HAProxy's command lines: `admin` of the worker that serves, `master` of the process above it. */
export interface AdminSocket {
  /** Sends one line (commands separated by `;`) and resolves with everything HAProxy answers. */
  send(line: string): Promise<string>
}

/** Speaks to a unix socket in a directory shared with the container. Rejects after `timeoutMs` (ms) without an end. */
export function unixAdminSocket(path: string, timeoutMs = 30_000): AdminSocket {
  return {
    send: line =>
      new Promise((resolve, reject) => {
        const socket = connect(path)
        const chunks: Buffer[] = []
        socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`HAProxy did not answer on ${path} within ${timeoutMs} ms.`)))
        socket.on('data', chunk => chunks.push(chunk))
        socket.on('error', reject)
        socket.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
        socket.end(`${line}\n`)
      }),
  }
}

/** Speaks to it from inside the container, where a unix socket cannot cross into the host (engine in a VM). */
export function execAdminSocket(engine: Engine, id: string, path: string): AdminSocket {
  return {
    async send(line) {
      const result = await engine.exec(id, ['socat', '-t30', '-', `UNIX-CONNECT:${path}`], {stdin: Buffer.from(`${line}\n`)})
      if (result.exitCode !== 0) throw new Error(`HAProxy did not answer on ${path}: ${result.stderr.toString('utf8').trim()}`)
      return result.stdout.toString('utf8')
    },
  }
}

const welcome = new Set(['', 'New server registered.', 'Done.', 'Server deleted.'])

/** Runs commands that answer nothing but success, in batches HAProxy's input buffer holds. Rejects with what it answered else. */
export async function runCommands(socket: AdminSocket, commands: string[]): Promise<void> {
  for (const batch of batches(commands, 12_000)) {
    const answer = await socket.send(batch.join(';'))
    const complaint = answer.split('\n').find(row => !welcome.has(row.trim()))
    if (complaint !== undefined) throw new Error(`HAProxy refused a change: ${complaint.trim()}`)
  }
}

function batches(commands: string[], bytes: number): string[][] {
  const all: string[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const command of commands) {
    if (size + command.length + 1 > bytes) {
      all.push([])
      size = 0
    }
    all.at(-1)!.push(command)
    size += command.length + 1
  }
  return all
}
