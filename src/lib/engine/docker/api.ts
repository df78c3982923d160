import {Buffer} from 'node:buffer'
import type {IncomingMessage} from 'node:http'
import type {Duplex, Readable} from 'node:stream'
import {json as readJson} from 'node:stream/consumers'
import type {Connection} from './connection.js'
import {engineError, isUnreachable} from './errors.js'

/** One call of the Engine API. */
export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD'
  /** Without query: `/containers/json`. */
  path: string
  /** An array repeats the key; an object or array inside `filters` must be JSON already. */
  query?: Record<string, string | number | boolean | string[] | undefined>
  body?: unknown
  /** A raw body (a tar) instead of JSON. */
  file?: Readable
  headers?: Record<string, string | string[]>
  signal?: AbortSignal | undefined
  /** What is being done, to end the sentence `Docker could not …`. */
  doing: string
}

/** The Engine API in three shapes: an answer, a stream of bytes, and a connection taken over in both directions. */
export interface DockerApi {
  /** Parsed JSON; `undefined` when the answer has no body. */
  request<T>(call: Call): Promise<T>
  stream(call: Call): Promise<IncomingMessage>
  hijack(call: Call): Promise<Duplex>
  connection(): Promise<Connection>
}

/** Calls through a connection that is made when first needed and forgotten when it breaks. */
export function dockerApi(connection: {get(): Promise<Connection>; drop(): void}): DockerApi {
  async function dial<T>(call: Call, extra: {hijack?: true}): Promise<T> {
    const {dial: send} = await connection.get()
    try {
      return (await send(dialOptions(call, extra))) as T
    } catch (error) {
      const translated = engineError(error, call.doing)
      if (isUnreachable(translated)) connection.drop()
      throw translated
    }
  }
  const stream = async (call: Call) => {
    try {
      return await dial<IncomingMessage>(call, {})
    } catch (error) {
      // A kept-alive connection may have died with a restarted Docker; reading again is harmless.
      if (call.method !== 'GET' || !isUnreachable(error)) throw error
      return dial<IncomingMessage>(call, {})
    }
  }
  return {
    connection: () => connection.get(),
    stream,
    hijack: call => dial<Duplex>(call, {hijack: true}),
    async request<T>(call: Call) {
      const response = await stream(call)
      return (await body(response, call.doing)) as T
    },
  }
}

async function body(response: IncomingMessage, doing: string): Promise<unknown> {
  try {
    if (response.statusCode === 204 || response.statusCode === 304 || response.headers['content-length'] === '0') {
      response.resume()
      return undefined
    }
    if (!response.headers['content-type']?.includes('json')) {
      for await (const _ of response);
      return undefined
    }
    return await readJson(response)
  } catch (error) {
    throw engineError(error, doing)
  }
}

const succeeded = {101: true, 200: true, 201: true, 204: true, 304: true}

/** docker-modem drops the last character of a path with a query, hence the `&`; `_query` and `_body` are its own names. */
function dialOptions(call: Call, extra: {hijack?: true}): Record<string, unknown> {
  const query = queryString(call.query ?? {})
  const payload = call.body === undefined && call.file === undefined ? undefined : {_query: {}, _body: call.body ?? {}}
  const path = payload === undefined ? `${call.path}?${query}&` : `${call.path}?${query}`
  return {
    path,
    method: call.method,
    isStream: true,
    statusCodes: succeeded,
    ...(payload && {options: payload}),
    ...(call.file && {file: call.file}),
    ...(call.headers && {headers: {...call.headers}}),
    ...(call.signal && {abortSignal: call.signal}),
    ...extra,
  }
}

function queryString(query: NonNullable<Call['query']>): string {
  const pairs = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const one of value) pairs.append(key, one)
    else if (value !== undefined) pairs.append(key, String(value))
  }
  return pairs.toString()
}

/** `filters` for things that carry all those labels. */
export function labelFilter(labels: Record<string, string>, more: Record<string, string[]> = {}): string {
  return JSON.stringify({label: Object.entries(labels).map(([key, value]) => `${key}=${value}`), ...more})
}

/** The JSON values of a body in which each stands on its own line, as they arrive. */
export async function* jsonLines<T>(stream: AsyncIterable<Buffer>): AsyncGenerator<T> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const data of stream) {
    const chunk = rest.length === 0 ? data : Buffer.concat([rest, data])
    let from = 0
    for (let end = chunk.indexOf(10, from); end !== -1; end = chunk.indexOf(10, from)) {
      const line = chunk.toString('utf8', from, end).trim()
      from = end + 1
      if (line !== '') yield JSON.parse(line) as T
    }
    rest = chunk.subarray(from)
  }
  const last = rest.toString('utf8').trim()
  if (last !== '') yield JSON.parse(last) as T
}
