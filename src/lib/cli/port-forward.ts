import {createServer, type Server, type Socket} from 'node:net'
import type {Duplex} from 'node:stream'
import {CommandError, usageError} from './command-error.js'

export interface PortPair {
  local: number
  remote: number
}

/** `4000,9000:9001`: port 4000 to 4000, and 9000 here to 9001 there. Throws a usage error. */
export function parsePorts(text: string): PortPair[] {
  return text.split(',').map(part => {
    const [, local, remote = local] = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(part.trim()) ?? []
    const pair = {local: Number(local), remote: Number(remote)}
    if (!Object.values(pair).every(port => port >= 1 && port <= 65_535))
      throw usageError(`${part} is no port: expected PORT or LOCAL:REMOTE, several with commas between (4000,9000:9001).`)
    return pair
  })
}

/**
 * Listens on a port of 127.0.0.1 and joins each connection with one that `open` makes; `failed` hears of those that cannot be made. Throws
 * CommandError when the port cannot be had.
 */
export async function forwardPort(local: number, open: () => Promise<Duplex>, failed: (error: Error) => void): Promise<Server> {
  const server = createServer({allowHalfOpen: true, pauseOnConnect: true}, client => {
    client.on('error', () => undefined)
    open().then(
      far => join(client, far),
      error => {
        failed(error as Error)
        client.destroy()
      },
    )
  })
  return await new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new CommandError(
          `Port ${local} of this machine cannot be used: ${error.code === 'EADDRINUSE' ? 'another program has it' : error.message}.`,
        ),
      ),
    )
    server.listen(local, '127.0.0.1', () => resolve(server))
  })
}

function join(client: Socket, far: Duplex): void {
  far.on('error', () => client.destroy())
  client.once('close', () => far.destroy())
  far.once('close', () => client.destroySoon())
  client.pipe(far)
  far.pipe(client)
  client.resume()
}
