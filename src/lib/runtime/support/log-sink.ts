/** One line of an app's log stream: `<at> <source>[<ps>]: <message>`. The message has no newline; over 10,000 bytes it is split. */
export interface LogEntry {
  at: Date
  source: 'app' | 'heroku'
  /** Dyno name, `router`, `api`, `logplex` or an add-on service's name. */
  ps: string
  message: string
}

/** Where the layers below the logplex say what they did. Never blocks, never throws. */
export interface LogSink {
  append(appId: string, entry: LogEntry): void
}

/** `app[api]: Release v3 created by user x`. */
export function apiNotice(at: Date, message: string): LogEntry {
  return {at, source: 'app', ps: 'api', message}
}
