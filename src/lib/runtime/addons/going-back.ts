import {PlatformError} from '../../schema/errors.js'
import type {AddonRecord} from './addons.js'
import {checkOffered} from './following.js'
import type {Parts} from './parts.js'

/** `2026-11-30 10:00+00`, as Heroku's documentation writes it, or any ISO 8601; UTC without a zone. */
const moment = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) *(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i
const interval = /^(?:\d+ *(?:weeks?|days?|hours?|minutes?|seconds?)[ ,]*)+$/i
const seconds: Record<string, number> = {w: 604_800, d: 86_400, h: 3600, m: 60, s: 1}

/** The moment that `--to` or `--by` mean. Throws invalid_params for neither, both, and what is no time. */
export function momentOf({to, by}: Record<string, string>, now: Date): Date {
  if ((to === undefined) === (by === undefined))
    throw new PlatformError(
      'invalid_params',
      "A rollback needs a time: --to '2026-11-30 10:00+00', or --by '1 day 3 hours'. Give one of them.",
    )
  if (by !== undefined) return new Date(now.getTime() - 1000 * secondsOf(by))
  const [, day, time, zone = 'Z'] = moment.exec((to as string).trim()) ?? []
  const offset = /^(Z|UTC)$/i.test(zone) ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`
  const found = new Date(day === undefined ? Number.NaN : `${day}T${time}${offset}`)
  if (!Number.isNaN(found.getTime())) return found
  throw new PlatformError('invalid_params', `--to ${to} is not a time. Write it as 2026-11-30 10:00+00.`)
}

function secondsOf(by: string): number {
  if (!interval.test(by.trim()))
    throw new PlatformError('invalid_params', `--by ${by} is not a span of time. Write it as '1 day 3 hours 20 minutes'.`)
  let sum = 0
  for (const [, count, unit = ''] of by.matchAll(/(\d+) *([a-z])/gi)) sum += Number(count) * (seconds[unit.toLowerCase()] as number)
  return sum
}

/**
 * Asks a server whether its data can be had as it was at a moment. Throws invalid_params with the moments that can be had, or with why
 * there are none; service_unavailable when it does not answer.
 */
export async function checkReachable(parts: Parts, source: AddonRecord, wanted: Date): Promise<void> {
  const {catalogue, instances, clock} = parts
  checkOffered(parts, source, 'rollback')
  const {rollback} = catalogue.service(source.service).manifest.local
  if (rollback === undefined) throw new PlatformError('invalid_params', `${source.service} add-ons have no rollback.`)
  if (source.options['follow'] !== undefined)
    throw new PlatformError('invalid_params', `${source.name} is a follower, and has no past of its own. Roll back its leader.`)
  const first = (await instances.ask(source, rollback.window)).trim()
  if (first === '')
    throw new PlatformError(
      'conflict',
      `${source.name} cannot be rolled back yet: its first base backup is being made. Try again in a moment.`,
    )
  const earliest = new Date(1000 * Number(first))
  const now = clock.now()
  if (wanted >= earliest && wanted <= now) return
  throw new PlatformError(
    'invalid_params',
    `${source.name} cannot be rolled back to ${text(wanted)}: that is ${wanted > now ? 'in the future' : `before ${text(earliest)}, the earliest there is`}.`,
  )
}

function text(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
