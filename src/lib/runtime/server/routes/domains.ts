import {z} from 'zod'
import {PlatformError} from '../../../schema/errors.js'
import type {Domain} from '../../../schema/resources.js'
import type {AppRecord} from '../../apps/app-record.js'
import {body} from '../body.js'
import {page} from '../ranges.js'
import {serializeDefaultDomain, serializeDomain} from '../serialize/app.js'
import type {Api, Services} from '../services.js'

export function domainRoutes(api: Api, services: Services): void {
  const {apps, domains} = services
  const all = (app: AppRecord): Domain[] => [serializeDefaultDomain(app), ...domains.list(app.id).map(one => serializeDomain(one, app))]

  api.get('/apps/:app/domains', c => page(c, all(apps.resolve(c.req.param('app'))), 'id', domain => domain.id))
  api.get('/apps/:app/sni-endpoints', c => {
    apps.resolve(c.req.param('app'))
    return c.json([])
  })

  api.get('/apps/:app/domains/:domain', c => {
    const wanted = c.req.param('domain')
    const found = all(apps.resolve(c.req.param('app'))).find(domain => domain.id === wanted || domain.hostname === wanted)
    if (found === undefined) throw new PlatformError('not_found', "Couldn't find that domain name.")
    return c.json(found)
  })

  api.post('/apps/:app/domains', async c => {
    const app = apps.resolve(c.req.param('app'))
    const {hostname} = await body(c, z.object({hostname: z.string(), sni_endpoint: z.string().nullish()}))
    const added = domains.add(app.id, hostname)
    await services.routesChanged(app.id)
    return c.json(serializeDomain(added, app), 201)
  })

  api.delete('/apps/:app/domains/:domain', async c => {
    const app = apps.resolve(c.req.param('app'))
    const removed = domains.remove(app.id, c.req.param('domain'))
    await services.routesChanged(app.id)
    return c.json(serializeDomain(removed, app))
  })
}
