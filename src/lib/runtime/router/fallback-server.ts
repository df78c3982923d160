import {timingSafeEqual} from 'node:crypto'
import {setMaxListeners} from 'node:events'
import {createServer, type IncomingMessage, type Server} from 'node:http'
import type {AddressInfo, Socket} from 'node:net'
import type {Challenges} from '../certificates/challenges.js'
import type {Clock} from '../support/clock.js'
import type {LogSink} from '../support/log-sink.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import {Backlog} from './backlog.js'
import {responseClient, upgradeClient} from './fallback-clients.js'
import {herokuLimits, type Limits, proxy} from './fallback-proxy.js'
import {type Client, coded, lineOf, type Outcome, secretHeader, tlsHostOf} from './fallback-request.js'
import {routerPage} from './pages.js'
import type {Route} from './router.js'
import {formatRouterLine} from './router-line.js'
import {redirectFor} from './secure.js'
import {bootTimeout, RouteIndex, type Verdict, verdictFor} from './verdict.js'

export interface FallbackDeps {
  logs: LogSink
  log: RuntimeLog
  clock: Clock
  /** What HAProxy proves itself with; any other client is turned away. */
  secret: string
  /** Whose questions are answered under every host. */
  challenges: Challenges
  /** Starts the dynos of an app that sleeps. */
  wake: (appId: string) => void
  /** Where clients find the router with TLS. */
  tlsPort: () => number
  limits?: Limits
}

/** How long a request waits until quarantined dynos are tried again, at first and at most. */
const firstPauseMs = 100
const slowestPauseMs = 5000

/**
 * Answers what HAProxy has no server for: unknown hosts, apps in maintenance, blank, without web dynos or crashed. While an app
 * starts, or takes no connection, it holds the request and then passes it to a dyno itself. Writes the router line of all of these.
 */
export class FallbackServer {
  private readonly server: Server
  private readonly sockets = new Set<Socket>()
  private readonly waiting = new Set<() => void>()
  private readonly closing = new AbortController()
  private readonly backlog = new Backlog()
  private index = new RouteIndex([])

  constructor(private readonly deps: FallbackDeps) {
    // Each held request listens.
    setMaxListeners(0, this.closing.signal)
    // Requests may be held for 75 s and uploads may take long: HAProxy in front keeps the time.
    this.server = createServer({requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 120_000, maxHeaderSize: 65_536})
    this.server.on('request', (request, response) => void this.serve(request, responseClient(request, response)))
    this.server.on('upgrade', (request, socket, head) => void this.serve(request, upgradeClient(request, socket, head)))
    this.server.on('connection', socket => {
      this.sockets.add(socket)
      socket.once('close', () => this.sockets.delete(socket))
    })
  }

  /** Listens on that port, or on any when it is undefined or taken; resolves with the port. */
  async listen(port: number | undefined, address: string): Promise<number> {
    const taken = await this.tryListen(port ?? 0, address)
    if (taken?.code === 'EADDRINUSE' && port !== undefined) return this.listen(undefined, address)
    if (taken !== undefined) throw taken
    return (this.server.address() as AddressInfo).port
  }

  /** From now on requests, and those held, follow this table. */
  update(table: Route[]): void {
    this.index = new RouteIndex(table)
    for (const wake of [...this.waiting]) wake()
  }

  /** Breaks off what is held. */
  async close(): Promise<void> {
    this.closing.abort()
    for (const socket of this.sockets) socket.destroy()
    await new Promise<void>(resolve => this.server.close(() => resolve()))
  }

  private tryListen(port: number, address: string): Promise<NodeJS.ErrnoException | undefined> {
    return new Promise(resolve => {
      this.server.once('error', resolve)
      this.server.listen(port, address, () => {
        this.server.off('error', resolve)
        resolve(undefined)
      })
    })
  }

  private async serve(request: IncomingMessage, client: Client): Promise<void> {
    if (!this.trusts(request)) return client.answer(403, routerPage('no-such-app'))
    const challenge = this.deps.challenges.answerTo(request.url)
    if (challenge !== undefined) return client.answer(200, challenge, {'Content-Type': 'text/plain'})
    const first = this.index.find(request.headers.host)
    const outcome = await this.backlog.enter(first, () => this.outcomeOf(request, client, first))
    if (first === undefined || outcome === undefined || this.closing.signal.aborted) return
    const message = formatRouterLine(lineOf(request, outcome))
    this.deps.logs.append(first.appId, {at: this.deps.clock.now(), source: 'heroku', ps: 'router', message})
  }

  /** H31, H11 and H99 have nothing to do with how the app stands. */
  private async outcomeOf(request: IncomingMessage, client: Client, first: Route | undefined): Promise<Outcome | undefined> {
    const began = this.index.find(tlsHostOf(request))
    if (first !== undefined && began !== undefined && began.appId !== first.appId) {
      client.answer(421, routerPage('misdirected'))
      return coded('H31', {agent: String(request.headers['user-agent'] ?? '')})
    }
    if (first !== undefined && this.backlog.isTooDeep(first)) {
      client.answer(503, routerPage('application-error', first.errorPageUrl))
      return coded('H11')
    }
    try {
      return await this.carryOut(request, client)
    } catch (error) {
      this.deps.log.error('a request failed in the router', {app: first?.appName, error})
      client.fail(routerPage('application-error', first?.errorPageUrl))
      return coded('H99')
    }
  }

  private trusts(request: IncomingMessage): boolean {
    const given = Buffer.from(String(request.headers[secretHeader] ?? ''))
    const secret = Buffer.from(this.deps.secret)
    return given.length === secret.length && timingSafeEqual(given, secret)
  }

  private async carryOut(request: IncomingMessage, client: Client): Promise<Outcome | undefined> {
    const redirect = redirectFor(this.index.find(request.headers.host), request, this.deps.tlsPort())
    if (redirect !== undefined) {
      client.answer(redirect.status, '', {Location: redirect.location})
      return {status: redirect.status}
    }
    const deadline = this.deps.clock.now().getTime() + (this.deps.limits ?? herokuLimits).hold
    // Of an app that is up HAProxy sends a request here when it has quarantined all its dynos.
    const quarantined = verdictFor(this.index.find(request.headers.host)).do === 'proxy'
    for (let pause = firstPauseMs; ; ) {
      const route = this.index.find(request.headers.host)
      const verdict = this.decide(route, deadline)
      if (client.gone.aborted) return coded('H27')
      if (verdict.do === 'hold' && verdict.wake) this.deps.wake(route!.appId)
      if (verdict.do === 'hold') await this.routeChange(client.gone, deadline)
      else if (verdict.do === 'proxy') {
        const outcome = await this.pass(client, route!, quarantined ? {pause, deadline} : undefined)
        if (outcome !== undefined) return outcome
        pause = Math.min(2 * pause, slowestPauseMs)
      } else {
        client.answer(verdict.status, routerPage(verdict.page, verdict.url))
        return verdict.code === undefined ? undefined : coded(verdict.code)
      }
    }
  }

  /** Passes it to a dyno. Where none takes it, and there is a `later`, resolves with undefined after a pause (ms): it is to be decided anew. */
  private async pass(client: Client, route: Route, later: {pause: number; deadline: number} | undefined): Promise<Outcome | undefined> {
    const {clock, limits = herokuLimits} = this.deps
    const outcome = await proxy(client, route, clock, limits)
    if (!('refused' in outcome)) return outcome
    const next = clock.now().getTime() + (later?.pause ?? 0)
    if (later !== undefined && next < later.deadline) {
      await this.routeChange(client.gone, next)
      return undefined
    }
    client.answer(503, routerPage('application-error', route.errorPageUrl))
    return later === undefined ? outcome.refused : coded('H34')
  }

  private decide(route: Route | undefined, deadline: number): Verdict {
    const verdict = verdictFor(route)
    const expired = verdict.do === 'hold' && this.deps.clock.now().getTime() >= deadline
    return expired ? bootTimeout(route!) : verdict
  }

  /** Resolves when the table changes, the client goes, the deadline passes or the server closes. */
  private async routeChange(gone: AbortSignal, deadline: number): Promise<void> {
    const over = new AbortController()
    const wake = (): void => over.abort()
    const signals = [gone, this.closing.signal]
    this.waiting.add(wake)
    for (const signal of signals) signal.addEventListener('abort', wake)
    const left = Math.max(0, deadline - this.deps.clock.now().getTime())
    await this.deps.clock.sleep(left, over.signal).catch(() => undefined)
    for (const signal of signals) signal.removeEventListener('abort', wake)
    this.waiting.delete(wake)
  }
}
