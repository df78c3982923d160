import {chmodSync, mkdirSync, rmSync} from 'node:fs'
import {createServer, type IncomingMessage, type RequestListener, type Server} from 'node:http'
import type {Socket} from 'node:net'
import {getRequestListener} from '@hono/node-server'
import type {Home} from '../../schema/home.js'
import type {Api} from './services.js'

/** Takes over a connection that asked for `Upgrade`; false when the path is not its business. */
export type UpgradeTaker = (request: IncomingMessage, socket: Socket, head: Buffer) => boolean

/** Opens the unix socket (trusted: its directory is 0700) and returns how to close it. Call with the runtime's lock held. */
export async function listenOnSocket(api: Api, home: Home, upgrade: UpgradeTaker): Promise<Server> {
  mkdirSync(home.socketDirectory, {recursive: true, mode: 0o700})
  chmodSync(home.socketDirectory, 0o700)
  rmSync(home.socket, {force: true})
  const server = serve(api, true, upgrade)
  await listening(server, () => server.listen(home.socket))
  chmodSync(home.socket, 0o600)
  return server
}

/** Opens 127.0.0.1:port for clients with a token. Rejects with EADDRINUSE when it is taken. */
export async function listenOnPort(api: Api, port: number): Promise<Server> {
  const server = serve(api, false, () => false)
  await listening(server, () => server.listen(port, '127.0.0.1'))
  return server
}

function serve(api: Api, trusted: boolean, upgrade: UpgradeTaker): Server {
  const listener = getRequestListener((request, env) => api.fetch(request, {...env, trusted} as never), {overrideGlobalObjects: false})
  const server = createServer(listener as RequestListener)
  server.requestTimeout = 0
  server.keepAliveTimeout = 60_000
  server.on('upgrade', (request, socket, head) => {
    if (!upgrade(request, socket as Socket, head)) socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
  })
  return server
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
    listen()
  })
}
