import type {Route} from './router.js'

/** For a year, and for this host alone: what is below it may be somebody else's. */
export const hstsValue = 'max-age=31536000'

export interface Redirect {
  status: 301 | 308
  location: string
}

/**
 * Where a request without TLS is sent that an app wants to have with it: the same address on the router's port for TLS. Undefined when it
 * is to be served. The method is kept, which 301 does for GET and HEAD only.
 */
export function redirectFor(
  route: Route | undefined,
  request: {method?: string | undefined; url?: string | undefined; headers: NodeJS.Dict<string | string[]>},
  tlsPort: number,
): Redirect | undefined {
  if (!route?.forceHttps || request.headers['x-forwarded-proto'] !== 'http') return undefined
  // A wildcard's first label is the client's own invention.
  const host = /^[a-z0-9._-]+(?=:\d+$|$)/i.exec(String(request.headers['host'] ?? ''))?.[0]
  if (host === undefined) return undefined
  const path = (request.url ?? '/').replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '')
  const status = request.method === 'GET' || request.method === 'HEAD' ? 301 : 308
  return {status, location: `https://${host}${tlsPort === 443 ? '' : `:${tlsPort}`}${path}`}
}
