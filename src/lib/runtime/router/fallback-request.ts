import type {IncomingMessage} from 'node:http'
import type {Duplex} from 'node:stream'
import {type RouterCode, routerCodes} from './codes.js'
import {tlsVersionOf} from './haproxy-line.js'
import type {RouterLine} from './router-line.js'

/** Names the header that proves a request came through HAProxy. */
export const secretHeader = 'x-hokku-router'
/** How the client speaks to HAProxy: major version of HTTP, and with TLS its version and the name it began with, in base64. */
const clientHeader = 'x-hokku-client'

/** How a request ended; what the router line says beside the request itself. */
export type Outcome = Pick<RouterLine, 'code' | 'status' | 'dyno' | 'connectMs' | 'serviceMs' | 'bytes' | 'agent'>

/** An outcome under one of Heroku's codes. */
export function coded(code: RouterCode, rest: Partial<Outcome> = {}): Outcome {
  return {code, status: routerCodes[code].status, ...rest}
}

/** The router line of a request that HAProxy passed on; HAProxy has set the headers already. */
export function lineOf(request: IncomingMessage, outcome: Outcome): RouterLine {
  const [major, tls = ''] = String(request.headers[clientHeader] ?? '').split(' ')
  return {
    ...outcome,
    method: request.method ?? '',
    path: request.url ?? '',
    host: request.headers.host ?? '',
    requestId: String(request.headers['x-request-id'] ?? ''),
    fwd: String(request.headers['x-forwarded-for'] ?? ''),
    protocol: `http${major === '2' ? '2.0' : request.httpVersion}`,
    tlsVersion: tlsVersionOf(tls),
  }
}

/** The host with which the client began TLS; undefined when it named none. */
export function tlsHostOf(request: IncomingMessage): string | undefined {
  const [, , name = ''] = String(request.headers[clientHeader] ?? '').split(' ')
  return Buffer.from(name, 'base64').toString('latin1') || undefined
}

/** The request's headers as pairs in their order, without our own. */
export function headersFor(request: IncomingMessage): [string, string][] {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at]!
    if (![secretHeader, clientHeader].includes(name.toLowerCase())) pairs.push([name, request.rawHeaders[at + 1]!])
  }
  return pairs
}

/** Where an answer goes: an ordinary response, or the bare connection of an upgrade. */
export interface Client {
  request: IncomingMessage
  /** Bytes of the new protocol that came with the request. */
  head?: Buffer
  /** Aborts when the client went away before the answer's end. */
  gone: AbortSignal
  /** Writes a whole answer: a page, unless the headers say something else. */
  answer(status: number, body: string, headers?: Record<string, string>): void
  /** Begins an answer whose body follows on the returned stream; resolves the stream's end to the client. */
  begin(status: number, reason: string, headers: string[]): Duplex | NodeJS.WritableStream
  /** Answers 503 with that page if nothing was answered yet, else breaks off. */
  fail(page: string): void
  /** Breaks the connection off: the answer cannot be completed. */
  breakOff(): void
}
