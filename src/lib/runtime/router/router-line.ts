import {type RouterCode, routerCodes} from './codes.js'

/** What one router line tells. Empty values keep their key, as on Heroku. */
export interface RouterLine {
  code?: RouterCode
  /** Only H26. */
  cause?: string
  method: string
  /** With the query string. */
  path: string
  host: string
  requestId: string
  /** X-Forwarded-For as the dyno sees it. */
  fwd: string
  dyno?: string
  connectMs?: number
  serviceMs?: number
  status: number
  /** Undefined when no dyno was reached. */
  bytes?: number
  /** `http1.1` */
  protocol: string
}

const sides: Partial<Record<RouterCode, string>> = {H18: 'backend', H27: 'client'}

/** The line in Heroku's exact layout (heroku-platform.md 3.3). What a client wrote cannot break it: see `quoted` and `bare`. */
export function formatRouterLine(line: RouterLine): string {
  return [
    ...head(line),
    `method=${bare(line.method)}`,
    `path="${quoted(line.path)}"`,
    `host=${bare(line.host)}`,
    `request_id=${bare(line.requestId)}`,
    `fwd="${quoted(line.fwd)}"`,
    `dyno=${line.dyno ?? ''}`,
    `connect=${milliseconds(line.connectMs)}`,
    `service=${milliseconds(line.serviceMs)}`,
    `status=${line.status}`,
    `bytes=${line.bytes ?? ''}`,
    `protocol=${line.protocol}`,
    'tls=false',
  ].join(' ')
}

function head(line: RouterLine): string[] {
  if (line.code === undefined) return ['at=info']
  const {at, desc} = routerCodes[line.code]
  const side = sides[line.code]
  return [
    ...(side === undefined ? [] : [`sock=${side}`]),
    `at=${at}`,
    `code=${line.code}`,
    `desc="${desc}"`,
    ...(line.cause === undefined ? [] : [`cause="${line.cause}"`]),
  ]
}

const milliseconds = (value: number | undefined): string => (value === undefined ? '' : `${value}ms`)

/** Quotes, backslashes, control characters and all beyond ASCII are percent-encoded. */
function quoted(text: string): string {
  return /^[ !#-[\]-~]*$/.test(text) ? text : percentEncode(text, /[ !#-[\]-~]/)
}

/** As `quoted`, and blanks too, for values without quotes. */
function bare(text: string): string {
  return /^[!#-[\]-~]*$/.test(text) ? text : percentEncode(text, /[!#-[\]-~]/)
}

function percentEncode(text: string, plain: RegExp): string {
  return [...Buffer.from(text, 'utf8')]
    .map(byte => {
      const char = String.fromCharCode(byte)
      return plain.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}
