import type {Context} from 'hono'
import {z} from 'zod'
import {PlatformError} from '../../../schema/errors.js'
import {type AlertFrequency, frequencies, type SavedSearch} from '../../../schema/papertrail.js'
import type {AddonRecord} from '../../addons/addons.js'
import {eventOf} from '../../papertrail/events.js'
import type {EventRange} from '../../papertrail/papertrail.js'
import type {SearchRecord} from '../../papertrail/search-table.js'
import {isoSeconds} from '../../support/clock.js'
import {presentedToken} from '../auth.js'
import {body} from '../body.js'
import {papertrailPage} from '../pages/papertrail.js'
import {selfContained} from '../pages/self-contained.js'
import type {Api, ApiEnv, Services} from '../services.js'

const save = z.object({
  name: z.string().trim().min(1).max(100),
  query: z.string().max(1000),
  alert: z
    .object({
      frequency: z.enum(Object.keys(frequencies) as [AlertFrequency, ...AlertFrequency[]]),
      minimum: z.int().min(1).default(1),
      webhook: z.url({protocol: /^https?$/}).nullish(),
    })
    .nullish(),
})

const range = z.object({
  q: z.string().max(1000).default(''),
  limit: z.coerce.number().int().min(1).max(10_000).default(1000),
  min_id: z.coerce.number().int().min(0).optional(),
  max_id: z.coerce.number().int().min(0).optional(),
  min_time: z.coerce.number().optional(),
  max_time: z.coerce.number().optional(),
})

/** Saved searches (paths of ours), what Papertrail's HTTP API has to search with, and the add-on's page. */
export function papertrailRoutes(api: Api, services: Services): void {
  const {apps, papertrail} = services
  const addonOf = (c: Context<ApiEnv>): AddonRecord => papertrail.service.of(apps.resolve(c.req.param('app') as string))

  api.get('/apps/:app/papertrail/searches', c => c.json(papertrail.list(addonOf(c)).map(shown)))
  api.post('/apps/:app/papertrail/searches', async c => {
    const {name, query, alert} = await body(c, save)
    const wanted = {name, query, ...(alert && {alert: {...alert, webhook: alert.webhook ?? undefined}})}
    return c.json(shown(papertrail.save(addonOf(c), wanted)), 201)
  })
  api.delete('/apps/:app/papertrail/searches/:search', c => c.json(shown(papertrail.remove(addonOf(c), c.req.param('search')))))

  const byToken = (c: Context<ApiEnv>): AddonRecord =>
    papertrail.service.by('api_token', c.req.header('x-papertrail-token') ?? presentedToken(c))
  api.get('/api/v1/events/search.json', c => events(c, byToken(c), services))
  api.get('/api/v1/searches.json', c => c.json(papertrail.list(byToken(c)).map(({id, name, query}) => ({id, name, query}))))

  const ofPage = (c: Context<ApiEnv>): AddonRecord =>
    papertrail.service.ofPage(c.req.param('addon') as string, c.req.param('key') as string)
  api.get('/papertrail/:addon/:key', c => {
    const addon = ofPage(c)
    return selfContained(c, papertrailPage(apps.resolve(addon.appId).name, papertrail.list(addon)))
  })
  api.get('/papertrail/:addon/:key/events.json', c => events(c, ofPage(c), services))
}

async function events(c: Context<ApiEnv>, addon: AddonRecord, {apps, papertrail}: Services): Promise<Response> {
  const given = range.safeParse(c.req.query())
  if (!given.success) throw new PlatformError('invalid_params', given.error.issues.map(one => `${one.path}: ${one.message}`).join('; '))
  const {q, limit, min_id: minId, max_id: maxId, min_time: since, max_time: until} = given.data
  const wanted: EventRange = {limit, minId, maxId, since: moment(since), until: moment(until)}
  const {lines, whole, seen} = await papertrail.events(addon, q, wanted, c.req.raw.signal)
  const app = apps.resolve(addon.appId)
  return c.json({
    events: lines.map(line => eventOf(line, app)),
    min_id: String(lines[0]?.id ?? minId ?? ''),
    // Whoever asks again from here need not have the same lines looked through once more.
    max_id: String(seen || ''),
    ...(whole && minId === undefined && {reached_beginning: true}),
  })
}

/** Seconds since 1970, as Papertrail counts. */
function moment(seconds: number | undefined): Date | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000)
}

function shown({id, name, query, alert, createdAt}: SearchRecord): SavedSearch {
  return {
    id,
    name,
    query,
    alert:
      alert === undefined
        ? null
        : {
            frequency: alert.frequency,
            minimum: alert.minimum,
            webhook: alert.webhook === undefined ? null : new URL(alert.webhook).host,
            triggered_at: alert.triggeredAt === undefined ? null : isoSeconds(alert.triggeredAt),
          },
    created_at: isoSeconds(createdAt),
  }
}
