import {EngineError, type EngineErrorCode} from '../engine.js'

/** What docker-modem rejects with: an HTTP answer that is no success, or an error of the connection. */
interface ModemError {
  statusCode?: number
  json?: unknown
  code?: string
  name?: string
  message?: string
}

/** The one place where HTTP statuses and socket errors of Docker become EngineErrors. `doing` reads `start web.1`. */
export function engineError(error: unknown, doing: string): EngineError {
  if (error instanceof EngineError) return error
  const cause = error as ModemError
  const said = dockerSaid(cause)
  return new EngineError(codeOf(cause, said), `Docker could not ${doing}: ${said}`, {cause: error})
}

/** The status of Docker's answer behind an error; undefined when it did not answer. */
export function statusOf(error: unknown): number | undefined {
  const cause = error instanceof EngineError ? error.cause : error
  return (cause as ModemError | undefined)?.statusCode
}

/** Node's words for an answer that ends in the middle. */
const brokenOff = new Set(['aborted', 'socket hang up'])

/** Docker's own sentence, without docker-modem's decoration. */
export function dockerSaid(error: unknown): string {
  const {json, message} = (error instanceof EngineError ? (error.cause ?? error) : error) as ModemError
  const said = (json as {message?: unknown} | null | undefined)?.message
  if (typeof said === 'string') return said.trim()
  if (message !== undefined && brokenOff.has(message)) return 'the connection broke off, as when Docker is stopped or restarted'
  return (message ?? String(error)).replace(/^\(HTTP code \d+\) .*? - /, '').trim()
}

/** Whether nothing (or something that is not Docker) is at the other end. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof EngineError && (error.code === 'unavailable' || error.code === 'permission')
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTSOCK',
])

function codeOf({code, name, statusCode}: ModemError, said: string): EngineErrorCode {
  if (name === 'AbortError' || code === 'ABORT_ERR') return 'canceled'
  if (code === 'EACCES' || code === 'EPERM') return 'permission'
  if (code !== undefined && unreachable.has(code)) return 'unavailable'
  if (/no space left on device/i.test(said)) return 'no_space'
  if (/port is already allocated|address already in use|ports are not available/i.test(said)) return 'port_taken'
  if (/client version .* is too (new|old)/i.test(said)) return 'too_old'
  if (statusCode === 404) return 'not_found'
  if (statusCode === 409) return 'conflict'
  return 'failed'
}
