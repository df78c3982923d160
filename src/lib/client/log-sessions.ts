import type {LogSession} from '../schema/resources.js'
import {readEvents, type StreamEvent} from './event-stream.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export interface LogSessionRequest {
  lines?: number
  tail?: boolean
  dyno?: string
  source?: string
  type?: string
  /** ISO 8601. */
  since?: string
  until?: string
  /** An expression in RE2's syntax. */
  grep?: string
  ignore_case?: boolean
  /** A search in Papertrail's syntax. */
  query?: string
}

export interface LogReadOptions {
  /** Continue after the line of that id. */
  after?: string
  signal?: AbortSignal
}

export function logSessionsResource(transport: Transport) {
  return {
    create: (app: string, request: LogSessionRequest) =>
      transport.call<LogSession>('POST', path`/apps/${app}/log-sessions`, {body: request}),
    /** Lines in the batches in which they come; ends when the runtime closes the stream. */
    async *read(session: LogSession, options: LogReadOptions = {}): AsyncGenerator<StreamEvent[]> {
      const headers = {accept: 'text/event-stream, text/plain', ...(options.after === undefined ? {} : {'last-event-id': options.after})}
      const signal = options.signal === undefined ? {} : {signal: options.signal}
      const body = await transport.stream('GET', session.logplex_url, {headers, ...signal})
      for await (const events of readEvents(body, body.headers['content-type'])) yield events.map(withReturns)
    },
  }
}

/** A line of a log never holds a newline: where an event has one, the line had a carriage return, which no event can carry. */
function withReturns(event: StreamEvent): StreamEvent {
  return event.data.includes('\n') ? {...event, data: event.data.replaceAll('\n', '\r')} : event
}
