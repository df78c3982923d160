import type {Context} from 'hono'
import {PlatformError} from '../../schema/errors.js'
import {sameText} from '../support/same-text.js'
import {checkPartnerScope, checkUserScope} from './partner-scope.js'
import type {ApiEnv, Services} from './services.js'

/** Paths that clients call without a token: the last part, or what is sent, is an unguessable secret (sources, streams, log sessions, backups, OAuth, pages of add-ons). */
const selfAuthorized =
  /^\/(sources\/[0-9a-f]{48}|streams\/(release-)?[\w-]{69}|log-sessions\/[\w-]{20,}|backups\/[0-9a-f-]{36}\.\d{13}\.[0-9a-f]{32}|oauth\/token|logs|api\/v1\/[\w/]+\.json|sso\/[0-9a-f-]{36}\/[0-9a-f]{32}|v1\/metrics|(papertrail|librato)\/[0-9a-f-]{36}\/[0-9a-f]{32}(\/\w+\.json)?)$/

/**
 * The TCP side: the token must be right (Bearer, or as password of Basic for git), or that of a partner within its scope, and `Host` must
 * be a loopback name, since a web page in the user's browser can reach 127.0.0.1 under a name of its own (DNS rebinding). Throws
 * misdirected, unauthorized, and as `checkPartnerScope` does.
 */
export function authorize(c: Context<ApiEnv>, {token, addons, apps}: Pick<Services, 'token' | 'addons' | 'apps'>): void {
  if (!isLoopback(c.req.header('host') ?? ''))
    throw new PlatformError('misdirected', 'This API answers under 127.0.0.1 and localhost only.')
  if (selfAuthorized.test(c.req.path)) return
  const presented = presentedToken(c)
  if (sameText(presented, token)) {
    checkUserScope(c)
    return
  }
  const addon = addons.partners.bearer(presented)
  if (addon === undefined) throw new PlatformError('unauthorized', 'Invalid credentials provided.')
  checkPartnerScope(c, addon, apps.resolve(addon.appId).name)
  c.set('partner', addon.service)
}

export function isLoopback(host: string): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)
}

/** Of Bearer, or the password of Basic. */
export function presentedToken(c: Context<ApiEnv>): string {
  const header = c.req.header('authorization') ?? ''
  const [scheme, value = ''] = header.split(' ')
  if (scheme?.toLowerCase() === 'bearer') return value
  if (scheme?.toLowerCase() !== 'basic') return ''
  return Buffer.from(value, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '')
}
