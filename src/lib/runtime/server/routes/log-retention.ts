import {z} from 'zod'
import type {LogRetention} from '../../../schema/log-retention.js'
import {type Retention, retentionBounds} from '../../logplex/retention.js'
import {body} from '../body.js'
import type {Api, Services} from '../services.js'

const bounded = ([least, most]: readonly [number, number]): z.ZodNumber => z.number().int().min(least).max(most)

const changes = z.object({
  max_bytes: bounded(retentionBounds.bytes).optional(),
  max_age_seconds: bounded(retentionBounds.seconds).nullable().optional(),
})

/** How much of an app's log is kept: look, change, and back to what every app has. Heroku has no such thing. */
export function logRetentionRoutes(api: Api, {apps, logplex}: Pick<Services, 'apps' | 'logplex'>): void {
  const path = '/apps/:app/log-retention'
  api.get(path, c => c.json(serialize(logplex.retention(apps.resolve(c.req.param('app')).id))))
  api.patch(path, async c => {
    const {id} = apps.resolve(c.req.param('app'))
    const {max_bytes: bytes, max_age_seconds: seconds} = await body(c, changes)
    const now = logplex.retention(id)
    logplex.setRetention(id, {bytes: bytes ?? now.bytes, seconds: seconds === undefined ? now.seconds : (seconds ?? undefined)})
    return c.json(serialize(logplex.retention(id)))
  })
  api.delete(path, c => {
    const {id} = apps.resolve(c.req.param('app'))
    logplex.setRetention(id, undefined)
    return c.json(serialize(logplex.retention(id)))
  })
}

function serialize({bytes, seconds}: Retention): LogRetention {
  return {max_bytes: bytes, max_age_seconds: seconds ?? null}
}
