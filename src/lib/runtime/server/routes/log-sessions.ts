import {randomBytes, randomUUID} from 'node:crypto'
import {z} from 'zod'
import {PlatformError} from '../../../schema/errors.js'
import type {LogSession} from '../../../schema/resources.js'
import {compileGrep} from '../../logplex/grep.js'
import type {LogLine, Logplex, LogRequest} from '../../logplex/logplex.js'
import {compileQuery} from '../../logplex/search-query.js'
import {type Clock, isoSeconds} from '../../support/clock.js'
import {body, flag} from '../body.js'
import type {Api} from '../services.js'

export interface LogSessionParts {
  logplex: Logplex
  /** By name or id; throws not_found. */
  resolveApp: (identity: string) => {id: string}
  /** Where a client reaches this server: `http://127.0.0.1:5599`. */
  baseUrl: () => string
  clock: Clock
}

/** GETs below this path carry their own secret and need no Authorization. */
export const logSessionPath = '/log-sessions/'

/** Heroku's: a session can be opened, or opened again after a broken connection, for five minutes. */
const lifetimeMs = 5 * 60_000
const heartbeatMs = 15_000

const parameters = z.object({
  dyno: z.string().nullish(),
  dyno_name: z.string().nullish(),
  type: z.string().nullish(),
  source: z.string().nullish(),
  lines: z.number().int().min(0).nullish(),
  tail: flag.nullish(),
  since: z.iso.datetime({offset: true}).nullish(),
  until: z.iso.datetime({offset: true}).nullish(),
  grep: z.string().max(1000).nullish(),
  ignore_case: flag.nullish(),
  query: z.string().max(1000).nullish(),
})

interface Session {
  appId: string
  request: LogRequest
  /** Connections that read from it now. */
  open: number
  expires: number
}

/** POST /apps/:app/log-sessions, and the stream it leads to. Sessions are this process's: after a restart clients ask anew. */
export function logSessionRoutes(api: Api, {logplex, resolveApp, baseUrl, clock}: LogSessionParts): void {
  const sessions = new Map<string, Session>()

  api.post('/apps/:app/log-sessions', async c => {
    const app = resolveApp(c.req.param('app'))
    const request = await logRequest(await body(c, parameters))
    const now = clock.now()
    for (const [secret, session] of sessions) if (isOver(session, now)) sessions.delete(secret)
    const secret = randomBytes(24).toString('base64url')
    sessions.set(secret, {appId: app.id, request, open: 0, expires: now.getTime() + lifetimeMs})
    return c.json(logSession(now, `${baseUrl()}${logSessionPath}${secret}?tail=${request.tail}`), 201)
  })

  api.get(`${logSessionPath}:secret`, c => {
    const secret = c.req.param('secret')
    const session = sessions.get(secret)
    if (session === undefined || isOver(session, clock.now()))
      throw new PlatformError('not_found', 'This log session has expired: ask for a new one.')
    const aborted = new AbortController()
    session.open += 1
    const left = (): boolean => {
      if (aborted.signal.aborted) return false
      session.open -= 1
      session.expires = clock.now().getTime() + lifetimeMs
      if (!session.request.tail) sessions.delete(secret)
      aborted.abort()
      return true
    }
    const batches = logplex.read(session.appId, resumed(session.request, c.req.header('last-event-id')), aborted.signal)
    const events = c.req.header('accept')?.includes('text/event-stream') === true
    const stream = responseBody(batches, events ? renderEvents : renderText, left)
    if (events) void beat(stream.comment, clock, aborted.signal)
    return new Response(stream.readable, {headers: events ? eventHeaders : textHeaders})
  })
}

const eventHeaders = {'content-type': 'text/event-stream', 'cache-control': 'no-cache', 'x-accel-buffering': 'no'}
const textHeaders = {'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache', 'x-accel-buffering': 'no'}

/** Heroku's, and beside it times and an expression or a search. Whoever names the time of the first line gets all from there on, unless it says how many. */
async function logRequest(given: z.infer<typeof parameters>): Promise<LogRequest> {
  const {grep, since, until} = given
  const filters = {source: given.source, dyno: given.dyno_name ?? given.dyno, type: given.type}
  const asked = Object.entries(filters).filter(([, value]) => typeof value === 'string' && value !== '')
  return {
    ...Object.fromEntries(asked),
    ...(since && {since: new Date(since)}),
    ...(until && {until: new Date(until)}),
    ...(given.query && {grep: compileQuery(given.query)}),
    ...(grep && {grep: await compileGrep(grep, {ignoreCase: given.ignore_case ?? false})}),
    lines: given.lines ?? (since ? 'all' : 100),
    tail: given.tail ?? false,
  }
}

function logSession(now: Date, url: string): LogSession {
  return {created_at: isoSeconds(now), id: randomUUID(), logplex_url: url, updated_at: isoSeconds(now)}
}

function isOver(session: Session, now: Date): boolean {
  return session.open === 0 && session.expires < now.getTime()
}

function resumed(request: LogRequest, lastEventId: string | undefined): LogRequest {
  return lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? {...request, after: Number(lastEventId)} : request
}

/** A carriage return would end an event's field; a line never holds a newline, so a client can tell the two apart. */
function renderEvents(lines: LogLine[]): string {
  let text = ''
  for (const line of lines) {
    const value = line.text.includes('\r') ? line.text.replaceAll('\r', '\ndata: ') : line.text
    text += `id: ${line.id}\ndata: ${value}\n\n`
  }
  return text
}

function renderText(lines: LogLine[]): string {
  return lines.map(line => `${line.text}\n`).join('')
}

/** Reads the next lines only when the client took the last ones: back-pressure is this reader's alone. `left` is called when either side ends it, and tells whether it was the first time. */
function responseBody(
  batches: AsyncIterable<LogLine[]>,
  render: (lines: LogLine[]) => string,
  left: () => boolean,
): {readable: ReadableStream<Uint8Array>; comment: () => void} {
  const iterator = batches[Symbol.asyncIterator]()
  let controller: ReadableStreamDefaultController<Uint8Array>
  const readable = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given
    },
    async pull() {
      const next = await iterator.next().catch((error: unknown) => {
        left()
        throw error
      })
      if (next.done !== true) return controller.enqueue(Buffer.from(render(next.value)))
      if (left()) controller.close()
    },
    async cancel() {
      left()
      await iterator.return?.()
    },
  })
  const comment = (): void => {
    if ((controller.desiredSize ?? 0) > 0) controller.enqueue(Buffer.from(': still here\n\n'))
  }
  return {readable, comment}
}

/** Keeps proxies from closing a quiet connection. */
async function beat(comment: () => void, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(heartbeatMs, signal).catch(() => undefined)
    if (!signal.aborted) comment()
  }
}
