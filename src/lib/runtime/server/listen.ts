import {chmodSync, mkdirSync, rmSync} from 'node:fs'
import {createServer, type IncomingMessage, type RequestListener, type Server} from 'node:http'
import type {Socket} from 'node:net'
import {createServer as createTlsServer, type Server as TlsServer} from 'node:tls'
import {getRequestListener} from '@hono/node-server'
import type {Identity} from '../../schema/certificate-chain.js'
import {PlatformError} from '../../schema/errors.js'
import type {Home} from '../../schema/home.js'
import {distrust} from '../../schema/private-directory.js'
import {onFirstBytes, protocolOf, transportOf} from './first-bytes.js'
import type {Api} from './services.js'

/** Takes over a connection that asked for `Upgrade`; false when the path is not its business. */
export type UpgradeTaker = (request: IncomingMessage, socket: Socket, head: Buffer) => boolean

/** Opens the unix socket (trusted: its directory is 0700) and returns how to close it. Call with the runtime's lock held. */
export async function listenOnSocket(api: Api, home: Home, upgrade: UpgradeTaker): Promise<Server> {
  mkdirSync(home.socketDirectory, {recursive: true, mode: 0o700})
  const danger = distrust(home.socketDirectory)
  if (danger !== undefined)
    throw new PlatformError('conflict', `${danger}: the runtime's socket is not safe there. Remove it, or set XDG_RUNTIME_DIR.`)
  chmodSync(home.socketDirectory, 0o700)
  rmSync(home.socket, {force: true})
  const server = serve(api, true, upgrade)
  await listening(server, () => server.listen(home.socket))
  chmodSync(home.socket, 0o600)
  return server
}

/** What the port serves beside plain HTTP. */
export interface Encrypted {
  /** Key and certificate of the server, asked for at every connection. */
  identity: () => Identity
  /** Joins a client that has sent this secret with its one-off dyno; false when nobody waits for it. */
  meet: (secret: string, socket: Socket) => boolean
}

/**
 * Opens 127.0.0.1:port for clients with a token: HTTP, HTTPS (Heroku's CLI always makes https git remotes of the API's address) and
 * rendezvous. Rejects with EADDRINUSE when it is taken.
 */
export async function listenOnPort(api: Api, port: number, encrypted: Encrypted): Promise<Server> {
  const server = serve(api, false, () => false)
  const [serveHttp] = server.listeners('connection') as [(socket: Socket) => void]
  const serveTls = tlsListener(encrypted, socket => serveHttp.call(server, socket))
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) =>
    onFirstBytes(socket, transportOf, transport => (transport === 'tls' ? serveTls(socket) : serveHttp.call(server, socket))),
  )
  await listening(server, () => server.listen(port, '127.0.0.1'))
  return server
}

function tlsListener({identity, meet}: Encrypted, serveHttp: (socket: Socket) => void): (socket: Socket) => void {
  let server: TlsServer | undefined
  let current: Identity | undefined
  return socket => {
    const wanted = identity()
    server ??= createTlsServer(socket =>
      onFirstBytes(socket, protocolOf, protocol => {
        if (protocol === 'http') serveHttp(socket)
        else if (!meet(protocol.rendezvous, socket)) socket.destroy()
      }),
    )
    if (current !== wanted) server.setSecureContext({key: wanted.key, cert: wanted.certificate})
    current = wanted
    server.emit('connection', socket)
  }
}

function serve(api: Api, trusted: boolean, upgrade: UpgradeTaker): Server {
  const listener = getRequestListener((request, env) => api.fetch(request, {...env, trusted} as never), {overrideGlobalObjects: false})
  const server = createServer(listener as RequestListener)
  server.requestTimeout = 0
  server.keepAliveTimeout = 60_000
  server.on('upgrade', (request, socket, head) => {
    if (upgrade(request, socket as Socket, head)) return
    // Node.js takes its own listener away: a client that is gone by now is no fault of ours.
    socket.on('error', () => undefined).end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
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
