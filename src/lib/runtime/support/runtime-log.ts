/** The runtime's own log: one JSON object a line in `runtime.log`. Errors are logged once, where they are handled. */
export interface RuntimeLog {
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

export function runtimeLog(write: (line: string) => void, level: 'debug' | 'info' = 'info'): RuntimeLog {
  const put = (severity: string, message: string, fields: Record<string, unknown> = {}): void =>
    write(`${JSON.stringify({at: new Date().toISOString(), severity, message, ...readable(fields)})}\n`)
  return {
    debug: level === 'debug' ? (message, fields) => put('debug', message, fields) : () => undefined,
    info: (message, fields) => put('info', message, fields),
    error: (message, fields) => put('error', message, fields),
  }
}

export const silentLog: RuntimeLog = {debug: () => undefined, info: () => undefined, error: () => undefined}

function readable(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? (value.stack ?? value.message) : value]),
  )
}
