import {PlatformError} from '../../schema/errors.js'

const schemes = ['syslog:', 'syslog+tls:', 'http:', 'https:']

/** The URL as it was given. Throws invalid_params with the forms there are. */
export function checkedUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  const known = url !== undefined && schemes.includes(url.protocol) && url.hostname !== ''
  if (!known || (url.protocol.startsWith('syslog') && url.port === ''))
    throw new PlatformError(
      'invalid_params',
      `Url is invalid: ${withoutPassword(given)} is none of syslog://host:port, syslog+tls://host:port, http://host/path and https://host/path.`,
    )
  return given
}

/** For messages: a password in a URL is nobody's to read. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z+]+:\/\/[^/@:]*):[^/@]*@/i, '$1:[REDACTED]@')
}
