import {createHash, timingSafeEqual} from 'node:crypto'
import type {Context} from 'hono'
import {PlatformError} from '../../schema/errors.js'
import type {ApiEnv} from './services.js'

/** Paths whose last part is an unguessable secret and that clients call without a token (sources, streams, log sessions, backups). */
const selfAuthorized =
  /^\/(sources\/[0-9a-f]{48}|streams\/(release-)?[\w-]{69}|log-sessions\/[\w-]{20,}|backups\/[0-9a-f-]{36}\.\d{13}\.[0-9a-f]{32})$/

/**
 * The TCP side: the token must be right (Bearer, or as password of Basic for git), and `Host` must be a loopback name, since a
 * web page in the user's browser can reach 127.0.0.1 under a name of its own (DNS rebinding). Throws misdirected or unauthorized.
 */
export function authorize(c: Context<ApiEnv>, token: string): void {
  if (!isLoopback(c.req.header('host') ?? ''))
    throw new PlatformError('misdirected', 'This API answers under 127.0.0.1 and localhost only.')
  if (selfAuthorized.test(c.req.path)) return
  if (!sameText(presentedToken(c.req.header('authorization') ?? ''), token))
    throw new PlatformError('unauthorized', 'Invalid credentials provided.')
}

export function isLoopback(host: string): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)
}

function presentedToken(header: string): string {
  const [scheme, value = ''] = header.split(' ')
  if (scheme?.toLowerCase() === 'bearer') return value
  if (scheme?.toLowerCase() !== 'basic') return ''
  return Buffer.from(value, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '')
}

/** Whether two secrets are the same, in a time that tells nothing. Nothing is not a secret. */
export function sameText(a: string, b: string): boolean {
  if (a === '' || b === '') return false
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
