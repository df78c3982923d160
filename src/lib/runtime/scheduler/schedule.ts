import {Cron} from 'croner'
import {PlatformError} from '../../schema/errors.js'

export interface Schedule {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  cron: string
  /** Of the IANA database, `Europe/Oslo`. */
  timezone: string
}

/** The first time after that moment. Throws invalid_params for what is no expression, no time zone, or never comes. */
export function nextRun({cron, timezone}: Schedule, after: Date): Date {
  // A sixth field would be seconds, and every run of a job is a dyno.
  if (cron.trim().split(/\s+/).length !== 5)
    throw new PlatformError(
      'invalid_params',
      `${cron}: a cron expression has five fields: minute, hour, day of the month, month, day of the week.`,
    )
  try {
    const next = new Cron(cron, {timezone, paused: true}).nextRun(after)
    if (next !== null) return next
  } catch (cause) {
    throw new PlatformError('invalid_params', `${cron} (${timezone}): ${(cause as Error).message.split('Original error: ').at(-1)}`, {
      cause,
    })
  }
  throw new PlatformError('invalid_params', `${cron}: that time never comes.`)
}

/** As Heroku's dashboard has it where it knows such a frequency, else the expression. */
export function inWords({cron, timezone}: Schedule): string {
  if (cron === '*/10 * * * *') return 'Every 10 minutes'
  const [, minute, hour] = /^(\d+) (\d+|\*) \* \* \*$/.exec(cron) ?? []
  if (minute === undefined || hour === undefined) return `${cron} ${timezone}`
  return hour === '*' ? `Every hour at :${two(minute)}` : `Every day at ${two(hour)}:${two(minute)} ${timezone}`
}

function two(number: string): string {
  return number.padStart(2, '0')
}
