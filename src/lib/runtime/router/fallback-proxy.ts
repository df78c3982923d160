import {type ClientRequest, request as httpRequest, type IncomingMessage} from 'node:http'
import {connect, type Socket} from 'node:net'
import type {Duplex} from 'node:stream'
import type {Clock} from '../support/clock.js'
import type {RouterCode} from './codes.js'
import {type Client, coded, headersFor, type Outcome} from './fallback-request.js'
import {routerPage} from './pages.js'
import type {Route} from './router.js'

/** Heroku's limits in ms (heroku-platform.md 3.1). */
export interface Limits {
  hold: number
  connect: number
  firstByte: number
  idle: number
}

export const herokuLimits: Limits = {hold: 75_000, connect: 5_000, firstByte: 30_000, idle: 55_000}

interface Exchange {
  client: Client
  route: Route
  socket: Socket
  limits: Limits
  /** Measured so far; completed when the exchange ends. */
  outcome(code?: RouterCode, status?: number): Outcome
}

/**
 * Passes one request to a dyno, trying each of them once, and resolves when it is over. The request's body is streamed. `refused` says
 * how it stands when none took the connection: the client has no answer yet.
 */
export async function proxy(client: Client, route: Route, clock: Clock, limits: Limits): Promise<Outcome | {refused: Outcome}> {
  let failed: Outcome = coded('H34')
  for (const target of shuffled(route.targets).slice(0, 10)) {
    const began = clock.now().getTime()
    const connected = await open(target, client.gone, limits.connect)
    const connectMs = clock.now().getTime() - began
    if (client.gone.aborted) return coded('H27', {dyno: target.dyno, connectMs, bytes: 0})
    if (typeof connected === 'string') {
      failed = coded(connected, {dyno: target.dyno, connectMs, bytes: 0})
      continue
    }
    const opened = clock.now().getTime()
    const outcome = (code?: RouterCode, status?: number): Outcome => {
      const measured = {dyno: target.dyno, connectMs, serviceMs: clock.now().getTime() - opened, bytes: connected.bytesRead}
      return code === undefined ? {status: status ?? 200, ...measured} : {...coded(code, measured), ...(status && {status})}
    }
    return exchange({client, route, socket: connected, limits, outcome})
  }
  return {refused: failed}
}

function shuffled<T>(list: T[]): T[] {
  const copy = [...list]
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1))
    ;[copy[last], copy[other]] = [copy[other]!, copy[last]!]
  }
  return copy
}

function open(target: {address: string; port: number}, gone: AbortSignal, timeoutMs: number): Promise<Socket | 'H19' | 'H21'> {
  return new Promise(resolve => {
    const socket = connect({host: target.address, port: target.port})
    const settle = (result: Socket | 'H19' | 'H21'): void => {
      gone.removeEventListener('abort', giveUp)
      socket.setTimeout(0).removeAllListeners()
      if (result !== socket) socket.on('error', () => undefined).destroy()
      resolve(result)
    }
    const giveUp = (): void => settle('H19')
    gone.addEventListener('abort', giveUp, {once: true})
    socket.setTimeout(timeoutMs, giveUp)
    socket.once('error', error => settle((error as NodeJS.ErrnoException).code === 'ETIMEDOUT' ? 'H19' : 'H21'))
    socket.once('connect', () => settle(socket))
  })
}

function exchange(parts: Exchange): Promise<Outcome> {
  const {client, route, socket, limits, outcome} = parts
  return new Promise(resolve => {
    let over = false
    let upgraded: number | undefined
    const end = (result: Outcome, how: 'page' | 'break' | 'done'): void => {
      if (over) return
      over = true
      if (how === 'page') client.answer(503, routerPage('application-error', route.errorPageUrl))
      if (how === 'break') client.breakOff()
      if (how !== 'done') socket.destroy()
      resolve(result)
    }
    const sent = send(parts)
    socket.setTimeout(limits.firstByte, () => end(zeroBytes(outcome('H12')), 'page'))
    // An upgraded connection that its client closes has ended well.
    client.gone.addEventListener('abort', () => (upgraded ? end(outcome(undefined, upgraded), 'break') : end(outcome('H27'), 'break')), {
      once: true,
    })
    sent.once('error', error => end(zeroBytes(outcome(brokenBefore(error))), 'page'))
    // Node reads responses that it would not write: with status 000, say.
    const orMalformed = (begin: () => void): void => {
      try {
        begin()
      } catch {
        end(zeroBytes(outcome('H17')), 'page')
      }
    }
    sent.once('response', response => orMalformed(() => relay(parts, response, end)))
    sent.once('upgrade', (response, dyno, head) => {
      upgraded = response.statusCode
      orMalformed(() => tunnel(parts, response, dyno, head, end))
    })
    forwardBody(client, sent)
  })
}

const zeroBytes = (outcome: Outcome): Outcome => ({...outcome, bytes: 0})

/** H17 is what the parser calls malformed (HPE_…), H13 a connection closed without a response. */
function brokenBefore(error: Error): RouterCode {
  const {code = ''} = error as NodeJS.ErrnoException
  return code.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE' ? 'H17' : 'H13'
}

function send({client, socket}: Exchange): ClientRequest {
  const grouped = new Map<string, string[]>()
  for (const [name, value] of headersFor(client.request)) {
    const hopByHop = client.head === undefined && /^(connection|keep-alive)$/i.test(name)
    // Trailers are not passed on, and Node throws when some are announced for a body without chunks.
    if (!hopByHop && !/^trailer$/i.test(name)) grouped.set(name.toLowerCase(), [...(grouped.get(name.toLowerCase()) ?? []), value])
  }
  return httpRequest({
    createConnection: () => socket,
    method: client.request.method,
    path: client.request.url,
    headers: Object.fromEntries([...grouped].map(([name, values]) => [name, values.length === 1 ? values[0]! : values])),
    setHost: false,
  })
}

function forwardBody(client: Client, sent: ClientRequest): void {
  if (client.head === undefined) client.request.pipe(sent)
  else sent.end()
}

type End = (result: Outcome, how: 'page' | 'break' | 'done') => void

/** Both ways idle for 55 s is H15; a dyno that closes too early is H18. */
function relay({client, socket, limits, outcome}: Exchange, response: IncomingMessage, end: End): void {
  const status = response.statusCode ?? 502
  socket.setTimeout(limits.idle).removeAllListeners('timeout')
  socket.once('timeout', () => end(outcome('H15'), 'break'))
  const out = client.begin(status, response.statusMessage ?? '', endToEnd(response.rawHeaders))
  response.once('error', () => end(outcome('H18', status), 'break'))
  response.once('end', () => response.complete && end(outcome(undefined, status), 'done'))
  response.once('close', () => response.complete || end(outcome('H18', status), 'break'))
  response.pipe(out)
}

/** Headers of one connection are not for the next one. */
function endToEnd(rawHeaders: string[]): string[] {
  const kept: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    if (!/^(connection|keep-alive|transfer-encoding|trailer)$/i.test(rawHeaders[at]!)) kept.push(rawHeaders[at]!, rawHeaders[at + 1]!)
  return kept
}

function tunnel({client, socket, limits, outcome}: Exchange, response: IncomingMessage, dyno: Duplex, head: Buffer, end: End): void {
  const status = response.statusCode ?? 101
  const out = client.begin(status, response.statusMessage ?? '', response.rawHeaders) as Duplex
  socket.setTimeout(limits.idle).removeAllListeners('timeout')
  socket.once('timeout', () => end(outcome('H15'), 'break'))
  dyno.once('error', () => end(outcome('H18', status), 'break'))
  dyno.once('close', () => end(outcome(undefined, status), 'done'))
  if (head.length > 0) out.write(head)
  if (client.head !== undefined && client.head.length > 0) dyno.write(client.head)
  dyno.pipe(out)
  out.pipe(dyno)
}
