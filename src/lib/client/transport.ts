import {Agent, type IncomingMessage, type OutgoingHttpHeaders, type RequestOptions, request as startRequest} from 'node:http'
import type {Duplex, Readable} from 'node:stream'
import type {ErrorBody} from '../schema/errors.js'
import {toPlatformError} from './errors.js'

export interface CallOptions {
  /** Sent as JSON. */
  body?: unknown
  /** Sent as it is; `body` must be absent. */
  stream?: Readable
  headers?: OutgoingHttpHeaders
  /** Heroku's paging header: `version ..; order=desc,max=15`. */
  range?: string
  /** A list's first range, whose pages are followed to the end of the list. */
  pages?: string
  signal?: AbortSignal
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** HTTP over the runtime's unix socket. Every status of 400 and more is thrown as a PlatformError. */
export interface Transport {
  /** Answer parsed as JSON; a text stays a string; undefined when there is none. */
  call<T>(method: Method, path: string, options?: CallOptions): Promise<T>
  /** A list, all its pages: follows `Next-Range`, unless the range asks for at most so many. */
  list<T>(path: string, options?: CallOptions): Promise<T[]>
  /** The answer's body, still arriving. `url` may be one of the runtime's own absolute URLs. */
  stream(method: Method, url: string, options?: CallOptions): Promise<IncomingMessage>
  /** Takes the connection over for raw bytes both ways; `Upgrade: tcp` unless the headers name another protocol. */
  upgrade(method: Method, path: string, options?: CallOptions): Promise<Duplex>
}

const accept = 'application/vnd.heroku+json; version=3'

/** `onWarning` is told what the runtime says beside an answer. */
export function socketTransport(socketPath: string, onWarning: (message: string) => void = () => undefined): Transport {
  // Without a servername Node looks for one, which costs the first request 5 ms.
  const way = {socketPath, agent: new Agent({keepAlive: true}), servername: ''}
  const send = (method: Method, url: string, options: CallOptions = {}): Promise<IncomingMessage> =>
    exchange({...way, path: pathOf(url), method, ...withSignal(options)}, options).then(answer => {
      const warning = answer.headers['warning-message']
      if (typeof warning === 'string') onWarning(warning)
      return answer
    })
  return {
    call: async (method, path, options) => parsed(await checked(await send(method, path, options))),
    list: (path, options) =>
      pages((range: string | undefined) => send('GET', path, range === undefined ? options : {...options, range}), options),
    stream: async (method, url, options) => checked(await send(method, url, options)),
    upgrade: (method, path, options = {}) => takeOver({socketPath, path, method, ...withSignal(options)}, options),
  }
}

/** The runtime's own URLs name its TCP side, which asks for a token; the socket does not. */
function pathOf(url: string): string {
  if (url.startsWith('/')) return url
  const {pathname, search} = new URL(url)
  return `${pathname}${search}`
}

function withSignal(options: CallOptions): RequestOptions {
  return options.signal ? {signal: options.signal} : {}
}

function exchange(request: RequestOptions, options: CallOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = startRequest({...request, headers: headersOf(options)}, resolve)
    outgoing.once('error', reject)
    if (options.stream) {
      options.stream.once('error', error => outgoing.destroy(error))
      options.stream.pipe(outgoing)
    } else outgoing.end(options.body === undefined ? undefined : JSON.stringify(options.body))
  })
}

function headersOf(options: CallOptions): OutgoingHttpHeaders {
  return {
    accept,
    ...(options.body === undefined
      ? {}
      : {'content-type': 'application/json', 'content-length': Buffer.byteLength(JSON.stringify(options.body))}),
    ...(options.range === undefined ? {} : {range: options.range}),
    ...options.headers,
  }
}

async function checked(answer: IncomingMessage): Promise<IncomingMessage> {
  const status = answer.statusCode ?? 500
  if (status < 400) return answer
  const body = await parsed<Partial<ErrorBody> | string | undefined>(answer)
  throw toPlatformError(status, typeof body === 'object' ? body : {message: body || ''})
}

async function parsed<T>(answer: IncomingMessage): Promise<T> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  if (text === '') return undefined as T
  return (/[/+]json/.test(answer.headers['content-type'] ?? '') ? JSON.parse(text) : text) as T
}

async function pages<T>(get: (range: string | undefined) => Promise<IncomingMessage>, options: CallOptions = {}): Promise<T[]> {
  const found: T[] = []
  const limited = /max=/.test(options.range ?? '')
  let range = options.pages
  do {
    const answer = await checked(await get(range))
    found.push(...(await parsed<T[]>(answer)))
    const next = answer.headers['next-range']
    range = limited || typeof next !== 'string' ? undefined : next
  } while (range !== undefined)
  return found
}

function takeOver(request: RequestOptions, options: CallOptions): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const headers = {connection: 'Upgrade', upgrade: 'tcp', ...headersOf(options)}
    const outgoing = startRequest({...request, headers}, answer => {
      checked(answer).then(() => reject(new Error(`${request.path} does not take the connection over.`)), reject)
    })
    outgoing.once('error', reject)
    outgoing.once('upgrade', (_answer, socket, head) => {
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    outgoing.end(options.body === undefined ? undefined : JSON.stringify(options.body))
  })
}
