import {z} from 'zod'
import {covers} from '../../../schema/certificate-chain.js'
import {PlatformError} from '../../../schema/errors.js'
import type {Domain} from '../../../schema/resources.js'
import type {AppRecord} from '../../apps/app-record.js'
import type {DomainRecord} from '../../domains/domains.js'
import {body} from '../body.js'
import {page} from '../ranges.js'
import {serializeDefaultDomain, serializeDomain} from '../serialize/app.js'
import type {Api, Services} from '../services.js'

const sniEndpoint = z.string().min(1).nullable()

/** `/apps/:app/domains`: list, info, create, update, destroy. */
export function domainRoutes(api: Api, services: Services): void {
  const {acm, apps, domains, sniEndpoints} = services
  const shown = (domain: DomainRecord, app: AppRecord): Domain => serializeDomain(domain, app, sniEndpoints.list(app.id))

  api.get('/apps/:app/domains', c => {
    const app = apps.resolve(c.req.param('app'))
    const endpoints = sniEndpoints.list(app.id)
    const all = [serializeDefaultDomain(app), ...domains.list(app.id).map(one => serializeDomain(one, app, endpoints))]
    return page(c, all, 'id', domain => domain.id)
  })

  api.get('/apps/:app/domains/:domain', c => {
    const app = apps.resolve(c.req.param('app'))
    const wanted = c.req.param('domain')
    const ownDomain = serializeDefaultDomain(app)
    if (wanted === ownDomain.id || wanted === ownDomain.hostname) return c.json(ownDomain)
    return c.json(shown(domains.resolve(app.id, wanted), app))
  })

  api.post('/apps/:app/domains', async c => {
    const app = apps.resolve(c.req.param('app'))
    const {hostname, sni_endpoint} = await body(c, z.object({hostname: z.string(), sni_endpoint: sniEndpoint.optional()}))
    const added = services.store.transaction(() => {
      const made = domains.add(app.id, hostname)
      return sni_endpoint ? associate(services, made, sni_endpoint) : made
    })
    acm.consider(added)
    await services.routesChanged(app.id)
    return c.json(shown(added, app), 201)
  })

  api.patch('/apps/:app/domains/:domain', async c => {
    const app = apps.resolve(c.req.param('app'))
    const {sni_endpoint} = await body(c, z.object({sni_endpoint: sniEndpoint}))
    const domain = domains.resolve(app.id, c.req.param('domain'))
    const updated = services.store.transaction(() => associate(services, domain, sni_endpoint))
    acm.consider(updated)
    await services.routesChanged(app.id)
    return c.json(shown(domains.resolve(app.id, domain.id), app))
  })

  api.delete('/apps/:app/domains/:domain', async c => {
    const app = apps.resolve(c.req.param('app'))
    const domain = domains.resolve(app.id, c.req.param('domain'))
    const resource = shown(domain, app)
    acm.leave(domain)
    domains.remove(app.id, domain.id)
    await services.routesChanged(app.id)
    return c.json(resource)
  })
}

/** Lets a domain be shown with the certificate of an endpoint, or with none of the app's. Throws not_found, or invalid_params when it is not for that host. */
function associate({acm, domains, sniEndpoints}: Services, domain: DomainRecord, nameOrId: string | null): DomainRecord {
  const endpoint = nameOrId === null ? undefined : sniEndpoints.resolve(domain.appId, nameOrId)
  if (endpoint?.id === domain.sniEndpointId) return domain
  if (endpoint !== undefined && !covers(endpoint.chain, domain.hostname))
    throw new PlatformError('invalid_params', `The certificate ${endpoint.name} is not for ${domain.hostname}.`)
  acm.leave(domain)
  domains.update(domain, {sniEndpointId: endpoint?.id})
  return domains.resolve(domain.appId, domain.id)
}
