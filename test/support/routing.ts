import {randomUUID} from 'node:crypto'
import {mkdtemp, readdir, rm} from 'node:fs/promises'
import {type ClientRequest, createServer, type IncomingHttpHeaders, type RequestListener, request} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import type {Engine} from '../../src/lib/engine/engine.js'
import {Challenges} from '../../src/lib/runtime/certificates/challenges.js'
import {unixAdminSocket} from '../../src/lib/runtime/router/admin-socket.js'
import {createRouter} from '../../src/lib/runtime/router/haproxy-router.js'
import type {Route, Router, RouteState} from '../../src/lib/runtime/router/router.js'
import {openStore} from '../../src/lib/runtime/store/store.js'
import {systemClock} from '../../src/lib/runtime/support/clock.js'
import {engineNames} from '../../src/lib/runtime/support/names.js'
import {silentLog} from '../../src/lib/runtime/support/runtime-log.js'
import {homeAt} from '../../src/lib/schema/home.js'
import {type TestAuthority, testAuthority} from './certificates.js'
import {freePort} from './free-port.js'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

export interface Sending {
  host: string
  path: string
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** A started router, an upstream behind it and what it logged. */
export interface Routing {
  router: Router
  port: number
  tlsPort: number
  /** Whom TLS clients are to trust. */
  authority: TestAuthority
  challenges: Challenges
  get(host: string, path: string): Promise<Answer>
  send(what: Sending): Promise<Answer>
  /** Sends nothing by itself: the caller writes, ends or destroys it. */
  open(what: Sending): ClientRequest
  unique(): string
  app(state: RouteState): Route
  targets(dynos?: number): Route['targets']
  /** The app's first router line that contains the text; waits for it. */
  lineOf(route: Route, text: string): Promise<string>
  lines(route: Route): string[]
  pause(ms: number): Promise<void>
  /** What HAProxy answers to a command on its admin socket. */
  admin(command: string): Promise<string>
  /** Lets the runtime's half go and starts another one on the same home. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** Starts a router of a new home, with an upstream on loopback that answers as `listener` does. */
export async function startRouting(engine: Engine, homeId: string, listener: RequestListener): Promise<Routing> {
  const root = await mkdtemp(join(tmpdir(), 'hokku-router-'))
  const store = await openStore(':memory:')
  const upstream = createServer(listener)
  await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve))
  upstream.on('checkContinue', (request, response) => {
    if (request.url === '/refuses') return void response.writeHead(413, {connection: 'close'}).end()
    response.writeContinue()
    listener(request, response)
  })
  upstream.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  const [port, tlsPort] = [await freePort(), await freePort()]
  const authority = testAuthority()
  const challenges = new Challenges()
  const own = authority.shownFor(['*'], ['localhost', '127.0.0.1'])
  const lines = new Map<string, string[]>()
  const append = (appId: string, {message}: {message: string}): void => {
    const before = lines.get(appId)
    if (before === undefined) lines.set(appId, [message])
    else before.push(message)
  }
  const make = (): Router =>
    createRouter({
      engine,
      home: homeAt(root),
      homeId,
      names: engineNames(homeId),
      store,
      clock: systemClock,
      log: silentLog,
      logs: {append},
      ownCertificate: () => own,
      challenges,
      wake: () => undefined,
      stackDirectory: join(process.cwd(), 'stacks'),
      env: {HOKKU_ROUTER_PORT: String(port), HOKKU_ROUTER_TLS_PORT: String(tlsPort), HOKKU_ROUTER_BIND: '127.0.0.1'},
    })
  const targets = (dynos = 1): Route['targets'] =>
    Array.from({length: dynos}, (_, index) => ({
      dyno: `web.${index + 1}`,
      address: '127.0.0.1',
      port: (upstream.address() as AddressInfo).port,
    }))
  const open = (what: Sending): ClientRequest =>
    request({
      host: '127.0.0.1',
      port,
      path: what.path,
      method: what.method ?? 'GET',
      headers: {host: what.host, ...what.headers},
      agent: false,
    })
  const routing: Routing = {
    router: make(),
    port,
    tlsPort,
    authority,
    challenges,
    open,
    send: what => answerOf(open(what), what.body),
    get: (host, path) => answerOf(open({host, path})),
    unique: () => `t${randomUUID().slice(0, 8)}`,
    app(state) {
      const name = routing.unique()
      return {appId: randomUUID(), appName: name, hosts: [`${name}.localhost`], state, targets: state === 'up' ? targets() : []}
    },
    targets,
    lines: route => lines.get(route.appId) ?? [],
    async lineOf(route, text) {
      for (let tries = 0; tries < 200; tries += 1) {
        const found = lines.get(route.appId)?.find(line => line.includes(text))
        if (found !== undefined) return found
        await sleep(50)
      }
      throw new Error(`No router line with ${text}; there are:\n${(lines.get(route.appId) ?? []).join('\n')}`)
    },
    pause: ms => sleep(ms),
    async admin(command) {
      const directory = homeAt(root).router
      const sockets = (await readdir(directory)).find(name => name.startsWith('sockets-'))
      return unixAdminSocket(join(directory, sockets ?? '', 'admin.sock')).send(command)
    },
    async restart() {
      await routing.router.close()
      routing.router = make()
      await routing.router.start()
    },
    async close() {
      await routing.router.close()
      await engine.removeAll({'hokku.home': homeId})
      upstream.closeAllConnections()
      upstream.close()
      store.close()
      await rm(root, {recursive: true, force: true})
    },
  }
  await routing.router.start()
  return routing
}

export function answerOf(sent: ClientRequest, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    sent.once('error', reject)
    sent.once('response', response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.once('error', reject)
      response.once('end', () =>
        resolve({status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString('utf8')}),
      )
    })
    sent.end(body)
  })
}
