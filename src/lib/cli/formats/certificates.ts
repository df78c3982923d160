import type {SniEndpoint} from '../../schema/resources.js'
import type {StyledValue} from './styled.js'
import type {Columns} from './table.js'

/** `2026-11-22 11:01 UTC` */
export function certificateTime(time: string): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** Of a list. How many domains a certificate has says something of those alone that a user chooses them for. */
export function certificateColumns(endpoints: SniEndpoint[]): Columns<SniEndpoint> {
  return {
    Name: ({name}) => name,
    ...(endpoints.some(one => one.display_name) ? {'Display Name': ({display_name}: SniEndpoint) => display_name ?? ''} : {}),
    'Common Name(s)': ({ssl_cert}) => ssl_cert.cert_domains.join(', '),
    Expires: ({ssl_cert}) => certificateTime(ssl_cert.expires_at),
    Trusted: ({ssl_cert}) => (ssl_cert['ca_signed?'] ? 'True' : 'False'),
    Type: ({ssl_cert}) => (ssl_cert.acm ? 'ACM' : 'SNI'),
    ...(endpoints.some(one => !one.ssl_cert.acm)
      ? {Domains: ({ssl_cert, domains}: SniEndpoint) => (ssl_cert.acm ? '' : String(domains.length))}
      : {}),
  }
}

/** `hostnames`: of its domains, when they are to be shown. */
export function certificateFacts({ssl_cert}: SniEndpoint, hostnames: string[] = []): Record<string, StyledValue> {
  return {
    'Common Name(s)': ssl_cert.cert_domains,
    'Expires At': certificateTime(ssl_cert.expires_at),
    Issuer: ssl_cert.issuer,
    'Starts At': certificateTime(ssl_cert.starts_at),
    Subject: ssl_cert.subject,
    'Domain(s)': hostnames,
  }
}

export function trustLine({ssl_cert}: SniEndpoint): string {
  if (ssl_cert['ca_signed?']) return 'SSL certificate is verified by a root authority.'
  return ssl_cert.issuer === ssl_cert.subject ? 'SSL certificate is self signed.' : 'SSL certificate is not trusted.'
}

/** When a certificate of ACM is renewed; undefined when it is not, or is already due. */
export function renewalTime({ssl_cert}: SniEndpoint, now: Date): string | undefined {
  const at = new Date(ssl_cert.expires_at)
  at.setUTCMonth(at.getUTCMonth() - 1)
  return ssl_cert.acm && at > now ? certificateTime(at.toISOString()) : undefined
}

/** `acm_status` in words (heroku-platform.md 11). */
export function acmStatus(status: string | null): string {
  const words: Record<string, string> = {ok: 'OK', failed: 'Failed', verified: 'In Progress', 'dns-verified': 'DNS Verified'}
  if (!status) return 'Waiting'
  return words[status] ?? status.replace(/(^|-)([a-z])/g, (_all, dash: string, letter: string) => `${dash && ' '}${letter.toUpperCase()}`)
}
