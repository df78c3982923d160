import {type RouterCode, routerCodes} from './codes.js'

/** What one router line tells. Empty values keep their key, as on Heroku. */
export interface RouterLine {
  code?: RouterCode | undefined
  /** Only H26. */
  cause?: string | undefined
  method: string
  /** With the query string. */
  path: string
  host: string
  requestId: string
  /** X-Forwarded-For as the dyno sees it. */
  fwd: string
  dyno?: string | undefined
  connectMs?: number | undefined
  serviceMs?: number | undefined
  /** Undefined when the client could not be told any. */
  status: number | undefined
  /** Undefined when no dyno was reached. */
  bytes?: number | undefined
  /** `http1.1` */
  protocol: string
  /** `tls1.3`; undefined without TLS. */
  tlsVersion?: string | undefined
  /** User-Agent; only H31. */
  agent?: string | undefined
}

const sides: Partial<Record<RouterCode, string>> = {H18: 'backend', H27: 'client'}

/** The line in Heroku's exact layout (heroku-platform.md 3.3). What a client wrote cannot break it: see `quoted` and `bare`. */
export function formatRouterLine(line: RouterLine): string {
  const request = `method=${bare(line.method)} path="${quoted(line.path)}" host=${bare(line.host)} request_id=${bare(line.requestId)} fwd="${quoted(line.fwd)}"`
  const times = `connect=${milliseconds(line.connectMs)} service=${milliseconds(line.serviceMs)}`
  return `${head(line)} ${request} dyno=${line.dyno ?? ''} ${times} status=${line.status ?? ''} bytes=${line.bytes ?? ''} protocol=${line.protocol} ${tlsPart(line)}${agentPart(line)}`
}

function tlsPart({tlsVersion}: RouterLine): string {
  return tlsVersion === undefined ? 'tls=false' : `tls=true tls_version=${tlsVersion}`
}

const agentPart = ({agent}: RouterLine): string => (agent === undefined ? '' : ` agent="${quoted(agent)}"`)

function head({code, cause}: RouterLine): string {
  if (code === undefined) return 'at=info'
  const {at, desc} = routerCodes[code]
  const side = sides[code]
  return `${side === undefined ? '' : `sock=${side} `}at=${at} code=${code} desc="${desc}"${cause === undefined ? '' : ` cause="${cause}"`}`
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
