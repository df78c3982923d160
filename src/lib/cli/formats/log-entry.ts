/** One line of an app's log in parts; `dyno` is whatever stands in the brackets: `web.1`, `router`, `api`. */
export interface LogEntry {
  at: string
  source: string
  dyno: string
  message: string
}

/** Takes a line apart; undefined for anything that is none. */
export function parseLogLine(line: string): LogEntry | undefined {
  const parsed = /^(\S+) (\w+)\[([^\]]+)\]: (.*)$/s.exec(line)
  if (parsed === null) return undefined
  const [, at, source, dyno, message] = parsed as unknown as [string, string, string, string, string]
  return {at, source, dyno, message}
}
