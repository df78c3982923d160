import type {Context} from 'hono'
import {z} from 'zod'
import type {AddonRecord} from '../../addons/addons.js'
import {presentedToken} from '../auth.js'
import {body} from '../body.js'
import {libratoPage} from '../pages/librato.js'
import {selfContained} from '../pages/self-contained.js'
import type {Api, ApiEnv, Services} from '../services.js'

/** Hours back; 72 at most. */
const hoursBack = z.coerce.number().min(0.1).max(72).catch(3)
const value = z.object({value: z.coerce.number(), source: z.string().max(255).optional()})
const named = z.union([z.array(value.extend({name: z.string()})), z.record(z.string(), value)])
const metrics = z.object({source: z.string().max(255).optional(), gauges: named.default([]), counters: named.default([])})

/** Metrics of apps with the librato add-on (a path of ours), what Librato's HTTP API takes, and the add-on's page. */
export function libratoRoutes(api: Api, services: Services): void {
  const {apps, librato} = services
  const series = async (c: Context<ApiEnv>, addon: AddonRecord): Promise<Response> =>
    c.json(await librato.series(addon, hoursBack.parse(c.req.query('hours')), c.req.raw.signal))

  api.get('/apps/:app/librato/metrics', c => series(c, librato.service.of(apps.resolve(c.req.param('app')))))

  api.post('/v1/metrics', async c => {
    const addon = librato.service.by('token', presentedToken(c))
    const {source, gauges, counters} = await body(c, metrics)
    const said = [...listed(gauges, 'sample'), ...listed(counters, 'count')]
    for (const one of said) librato.accept(addon, one.source ?? source, [one])
    return c.body(null, 200)
  })

  const ofPage = (c: Context<ApiEnv>): AddonRecord => librato.service.ofPage(c.req.param('addon') as string, c.req.param('key') as string)
  api.get('/librato/:addon/:key', c => selfContained(c, libratoPage(apps.resolve(ofPage(c).appId).name)))
  api.get('/librato/:addon/:key/metrics.json', c => series(c, ofPage(c)))
}

/** Librato takes a list of named values, or an object of them by name. Names are made of what an annotation can hold. */
function listed(given: z.output<typeof named>, kind: 'sample' | 'count') {
  const list = Array.isArray(given) ? given : Object.entries(given).map(([name, one]) => ({...one, name}))
  return list.map(({name, ...one}) => ({...one, kind, name: name.replace(/[^\w.:-]/g, '_')}))
}
