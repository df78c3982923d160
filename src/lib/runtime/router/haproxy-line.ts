import {type RouterCode, routerCodes} from './codes.js'
import {parseServerName} from './haproxy-state.js'
import type {RouterLine} from './router-line.js'

/** After this long, a stream said to be ended by a client without an error on its connection was silent: HAProxy 3.0 logs CD for it. */
const idleMs = 55_000

export interface HaproxyLine {
  appId: string
  /** Unix time in ms. */
  at: number
  line: RouterLine
}

/** Reads lines that HAProxy wrote by `logFormat`; undefined for anything else and for requests of no app. */
export function lineParser(): (text: string) => HaproxyLine | undefined {
  const known: Decoders = {
    dyno: remembering(server => parseServerName(server)?.dyno),
    text: remembering(field => Buffer.from(field, 'base64').toString('utf8')),
    address: remembering(addressOf),
  }
  return text => parse(text, known)
}

interface Decoders {
  dyno: (server: string) => string | undefined
  text: (base64: string) => string
  address: (hex: string) => string
}

/** One match is half the work of taking the fields apart by blanks. */
const layout = new RegExp(
  [
    /^hokku4 (\d+) [^ :]+:[^ :]+:([^ :]+)\S* (\S+) (\S\S) (\d+) (-?\d+) (-?\d+) (-?\d+) (-?\d+) (\d+) (\d+)/,
    / (\S+) (\S+) (\S*) (\S+) (\S+) (\S+) (\S+) (\S+)$/,
  ]
    .map(part => part.source)
    .join(''),
)

function parse(text: string, known: Decoders): HaproxyLine | undefined {
  const fields = layout.exec(text)
  if (fields === null) return undefined
  const [, at, appId, server, ts, clientError, status, tr, tw, tc, ta, bytes, tls, method, uri, version, id, host, fwd, client] =
    fields as unknown as [string, ...string[]]
  const dyno = known.dyno(server!)
  const silent = clientError === '0' && Number(ta) >= idleMs
  // HTTP/2: without an error on its connection the client broke off this stream alone.
  const broken = clientError === '0' && version === 'HTTP/2.0' && ts!.startsWith('C') && !silent
  const {code, cause, status: seen} = broken ? coded('H33') : outcomeOf(silent && ts === 'CD' ? 'sD' : ts!, Number(status), dyno)
  const {connectMs, serviceMs} = times(code, Number(tr), Number(tw), Number(tc), Number(ta))
  const line: RouterLine = {
    code,
    cause,
    method: method!,
    path: pathOf(uri!),
    host: host === '-' ? '' : known.text(host!),
    requestId: id!,
    fwd: fwd === '-' ? known.address(client!) : known.text(fwd!),
    dyno,
    connectMs,
    serviceMs,
    status: seen,
    bytes: dyno === undefined ? undefined : emptyBytes(code) ? 0 : Number(bytes),
    protocol: version!.toLowerCase().replace('/', ''),
    tlsVersion: tlsVersionOf(tls!),
  }
  return {appId: appId!, at: Number(at), line}
}

/** `127.0.0.1` of `7F000001`, and IPv6 likewise, as `inet_ntop` writes it. */
function addressOf(hex: string): string {
  const numbers = (digits: string, each: RegExp): number[] => (digits.match(each) ?? []).map(part => Number.parseInt(part, 16))
  const mapped = /^0{20}FFFF/i.test(hex) && hex.length === 32
  if (hex.length === 8 || mapped) return `${mapped ? '::ffff:' : ''}${numbers(hex.slice(-8), /../g).join('.')}`
  if (hex.length !== 32) return ''
  const groups = numbers(hex, /..../g).map(group => group.toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

/** `tls1.3` of HAProxy's `TLSv1.3`; undefined of `-`, which is no TLS. */
export function tlsVersionOf(text: string): string | undefined {
  return /^TLSv/i.test(text) ? text.toLowerCase().replace('v', '') : undefined
}

/** HAProxy writes a byte that would break its line as `#` and two hex digits, and `#` itself so too. A proxy's client names the host before the path. */
function pathOf(uri: string): string {
  const path = uri.startsWith('/') ? uri : uri.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '')
  if (!path.includes('#')) return path
  const bytes = path.replace(/#([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

type Outcome = Pick<RouterLine, 'code' | 'cause' | 'status'>

const coded = (code: RouterCode): Outcome => ({code, status: routerCodes[code].status})

/**
 * HAProxy's termination state says who ended the stream (first letter: C client, c client timeout, S server, s server timeout, P proxy,
 * R resources, L answered locally, K ended by command, D by the server's end) and in which phase (R request, Q queue, C connect, H headers, D data, T tunnel).
 */
export function outcomeOf(state: string, status: number, dyno: string | undefined): Outcome {
  const [cause, phase] = state as unknown as [string, string]
  if (cause === '-' || (cause === 'L' && status < 400)) return {status}
  if (cause === 'K' || cause === 'D') return coded('H24')
  if (cause === 'C') return {code: 'H27', status: 499}
  if (cause === 'c') return phase === 'D' && status === 101 ? {code: 'H15', status: 503} : {code: 'H28', status: 499}
  if (dyno === undefined && (cause === 'S' || cause === 's')) return {code: 'H34', status: 503}
  if (phase === 'D' || phase === 'T' || phase === 'L') return {code: dataCode(cause), status: cause === 's' ? 503 : status}
  return requestCode(cause, phase, status)
}

/** A response had begun: the client has the app's status already. */
function dataCode(cause: string): RouterCode {
  if (cause === 's') return 'H15'
  if (cause === 'P') return 'H17'
  return cause === 'S' ? 'H18' : 'H99'
}

function requestCode(cause: string, phase: string, status: number): Outcome {
  if (cause === 's') return {code: phase === 'C' ? 'H19' : phase === 'Q' ? 'H34' : 'H12', status: 503}
  if (cause === 'S') return {code: phase === 'C' ? 'H21' : 'H13', status: 503}
  if (cause === 'L' && phase === 'H') return coded('H25')
  // What HAProxy calls 502 is the dyno's fault, 400 the client's: its headers were well, its body was not.
  if (cause === 'P' && phase === 'H' && status === 400) return {code: 'H26', cause: 'bad chunk', status}
  if (cause === 'P' && phase === 'H') return {code: 'H17', status: 503}
  if (cause === 'P' && status === 503) return coded('H11')
  if (status === 417) return {code: 'H26', cause: 'unsupported expect header value', status}
  if (cause === 'P' || cause === 'L') return {code: 'H26', cause: 'bad header', status: status < 400 ? 400 : status}
  return {code: 'H99', status: 503}
}

/** HAProxy's Ta counts from the request's first byte; Heroku's service time from the connection to the dyno. */
function times(code: RouterCode | undefined, tr: number, tw: number, tc: number, ta: number): Pick<RouterLine, 'connectMs' | 'serviceMs'> {
  const waited = Math.max(tr, 0) + Math.max(tw, 0)
  if (tc >= 0) return {connectMs: tc, serviceMs: Math.max(0, ta - waited - tc)}
  return code === 'H19' || code === 'H21' ? {connectMs: Math.max(0, ta - waited)} : {}
}

const emptyBytes = (code: RouterCode | undefined): boolean =>
  code !== undefined && ['H12', 'H13', 'H17', 'H19', 'H21', 'H34'].includes(code)

/** Of a few thousand answers the same few are asked for again and again, mostly the last one; the memory is bounded, since clients write what is asked. */
function remembering<T>(answer: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  let last: {text: string; answer: T} | undefined
  return text => {
    // Two texts are compared sooner than one is looked up.
    if (last?.text === text) return last.answer
    const found = known.has(text) ? (known.get(text) as T) : answer(text)
    if (known.size >= 1_000) known.clear()
    known.set(text, found)
    last = {text, answer: found}
    return found
  }
}
