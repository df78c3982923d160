/** Paints a text; `colors.green` and its kin, or nothing at all. */
export type Paint = (style: LogStyle, text: string) => string
export type LogStyle = 'yellow' | 'green' | 'cyan' | 'magenta' | 'blue' | 'red' | 'dim' | 'bold'

const palette: LogStyle[] = ['yellow', 'green', 'cyan', 'magenta', 'blue']

/** One line of an app's log in colour: a steady colour for each dyno, dim what the platform says, the router's fields by meaning. */
export function colorizeLogLine(line: string, paint: Paint): string {
  const parsed = /^(\S+ (\w+)\[([^\]]+)\]:)(.*)$/s.exec(line)
  if (parsed === null) return line
  const [, header, source, ps, body] = parsed as unknown as [string, string, string, string, string]
  return paint(dynoStyle(ps), header) + colorizeBody(source, ps, body, paint)
}

/** The same name has the same colour in every line, session and machine. */
export function dynoStyle(name: string): LogStyle {
  let sum = 0
  for (const char of name) sum = (sum * 31 + (char.codePointAt(0) as number)) >>> 0
  return palette[sum % palette.length] as LogStyle
}

function colorizeBody(source: string, ps: string, body: string, paint: Paint): string {
  if (source === 'heroku' && ps === 'router') return colorizeRouter(body, paint)
  if (source === 'heroku') return colorizePlatform(body, paint)
  if (ps === 'api') return colorizeNotice(body, paint)
  return body
}

function colorizeRouter(body: string, paint: Paint): string {
  return body.replace(
    /([\w-]+)=("[^"]*"|\S*)/g,
    (_field, key: string, value: string) => paint('dim', `${key}=`) + routerValue(key, value, paint),
  )
}

function routerValue(key: string, value: string, paint: Paint): string {
  if (value === '') return ''
  if (key === 'at') return paint(value === 'error' ? 'red' : 'dim', value)
  if (key === 'code') return paint('red', paint('bold', value))
  if (key === 'method') return paint('magenta', value)
  if (key === 'path') return paint('green', value)
  if (key === 'dyno') return paint(dynoStyle(value), value)
  if (key === 'status') return statusValue(value, paint)
  if (key === 'connect' || key === 'service') return durationValue(value, paint)
  return paint('dim', value)
}

function statusValue(status: string, paint: Paint): string {
  const styles: Record<string, LogStyle> = {2: 'green', 3: 'cyan', 4: 'yellow', 5: 'red'}
  const style = styles[status.charAt(0)]
  return style === undefined ? status : paint(style, status)
}

function durationValue(text: string, paint: Paint): string {
  const ms = Number.parseInt(text, 10)
  if (!ms) return text
  if (ms < 100) return paint('green', text)
  if (ms < 500) return paint('cyan', text)
  return paint(ms < 5000 ? 'yellow' : 'red', text)
}

function colorizePlatform(body: string, paint: Paint): string {
  if (/^ (Error [A-Z]\d+|Stopping all processes|Stopping process with SIGKILL)/.test(body)) return paint('red', body)
  const exit = /^( Process exited with status )(\d+)$/.exec(body)
  if (exit !== null) return paint('dim', exit[1] as string) + paint(exit[2] === '0' ? 'green' : 'red', exit[2] as string)
  const change = /^( State changed from )(\w+)( to )(\w+)$/.exec(body) as unknown as [string, string, string, string, string] | null
  if (change !== null) return paint('dim', change[1]) + state(change[2], paint) + paint('dim', change[3]) + state(change[4], paint)
  return paint('dim', body)
}

function state(name: string, paint: Paint): string {
  const styles: Record<string, LogStyle> = {up: 'green', complete: 'green', starting: 'cyan', down: 'red', crashed: 'red'}
  const style = styles[name]
  return style === undefined ? name : paint(style, name)
}

function colorizeNotice(body: string, paint: Paint): string {
  if (/^ Build succeeded$/.test(body)) return paint('green', body)
  if (/^ (Build failed|Release v\d+ command failed)/.test(body)) return paint('red', body)
  return body.replace(/( by user )(\S+)$/, (_text, by: string, user: string) => by + paint('green', user))
}
