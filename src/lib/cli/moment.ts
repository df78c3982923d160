import {usageError} from './command-error.js'

const secondsOf: Record<string, number> = {s: 1, m: 60, h: 3600, d: 86_400, w: 7 * 86_400}
/** A number and a unit: `90s`, `2 hours`. */
const part = /(\d+(?:\.\d+)?)\s*(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)(?![a-z])[\s,]*/giy

/** Seconds of `90s`, `1h30m`, `2 days`; undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  let seconds = 0
  part.lastIndex = 0
  for (let at = 0; at < text.length; at = part.lastIndex) {
    const match = part.exec(text)
    if (match === null) return undefined
    seconds += Number(match[1]) * (secondsOf[(match[2] as string).charAt(0).toLowerCase()] as number)
  }
  return text === '' ? undefined : seconds
}

/** `14d`, `1d 12h`: seconds in the largest units that say them whole, down to minutes. */
export function formatDuration(seconds: number): string {
  const parts: string[] = []
  let rest = Math.round(seconds / 60) * 60
  for (const unit of ['d', 'h', 'm']) {
    const size = secondsOf[unit] as number
    if (rest >= size) parts.push(`${Math.floor(rest / size)}${unit}`)
    rest %= size
  }
  return parts.join(' ') || '0m'
}

/**
 * The moment that a flag means: how long ago (`2h`, `1h30m`, `10 minutes ago`), `now`, `today`, `yesterday`, a time of today (`14:30`), a day,
 * or a time by ISO 8601. Without a zone it is this machine's. Throws a usage error that names the flag.
 */
export function parseMoment(flag: string, given: string, now: Date): Date {
  const text = given.trim()
  const ago = parseDuration(text.replace(/\s+ago$/i, ''))
  const moment = ago === undefined ? (named(text.toLowerCase(), now) ?? dated(text)) : new Date(now.getTime() - ago * 1000)
  // Before 1970 and after 9999 no line can be; such a time is a slip.
  if (moment === undefined || !(moment.getTime() >= 0 && moment.getFullYear() < 10_000))
    throw usageError(
      `--${flag} ${given}: not a time. Use how long ago it was (2h, 1h30m, 3 days), today, yesterday, a time of today (14:30) or an ISO time (2026-11-22T14:30:00Z).`,
    )
  return moment
}

function named(text: string, now: Date): Date | undefined {
  if (text === 'now') return now
  const days = ['today', 'yesterday'].indexOf(text)
  if (days >= 0) return new Date(now.getFullYear(), now.getMonth(), now.getDate() - days)
  const [, hours, minutes, seconds = '0'] = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text) ?? []
  if (hours === undefined) return undefined
  return new Date(now.getFullYear(), now.getMonth(), now.getDate(), Number(hours), Number(minutes), Number(seconds))
}

const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)\s*(Z|[+-]\d\d:?\d\d)?)?$/i

/** `Date` takes a day without a time for UTC, and a space before a zone for nothing at all. */
function dated(text: string): Date | undefined {
  const [, day, time = '00:00', zone = ''] = iso.exec(text) ?? []
  if (day === undefined) return undefined
  const date = new Date(`${day}T${time}${zone.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`)
  return Number.isNaN(date.getTime()) ? undefined : date
}
