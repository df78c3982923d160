import {z} from 'zod'
import {covers, readIdentity} from '../../../schema/certificate-chain.js'
import {PlatformError} from '../../../schema/errors.js'
import {body} from '../body.js'
import {serializeApp} from '../serialize/app.js'
import {serializeSniEndpoint} from '../serialize/sni-endpoint.js'
import type {Api, Services} from '../services.js'
import {variantOf} from '../variant.js'

const given = z.object({certificate_chain: z.string(), private_key: z.string()})

/** `/apps/:app/sni-endpoints`: list, info, create, update, destroy. */
export function sniEndpointRoutes(api: Api, services: Services): void {
  const {acm, apps, clock, domains, sniEndpoints} = services

  api.get('/apps/:app/sni-endpoints', c => {
    const app = apps.resolve(c.req.param('app'))
    const all = domains.list(app.id)
    return c.json(sniEndpoints.list(app.id).map(endpoint => serializeSniEndpoint(endpoint, app, all)))
  })

  api.get('/apps/:app/sni-endpoints/:endpoint', c => {
    const app = apps.resolve(c.req.param('app'))
    return c.json(serializeSniEndpoint(sniEndpoints.resolve(app.id, c.req.param('endpoint')), app, domains.list(app.id)))
  })

  api.post('/apps/:app/sni-endpoints', async c => {
    const app = apps.resolve(c.req.param('app'))
    const {certificate_chain, private_key} = await body(c, given)
    const made = sniEndpoints.create(app.id, readIdentity(certificate_chain, private_key, clock.now()), 'manual')
    return c.json(serializeSniEndpoint(made, app, domains.list(app.id)), 201)
  })

  api.patch('/apps/:app/sni-endpoints/:endpoint', async c => {
    const app = apps.resolve(c.req.param('app'))
    const endpoint = sniEndpoints.resolve(app.id, c.req.param('endpoint'))
    const {certificate_chain, private_key} = await body(c, given)
    const identity = readIdentity(certificate_chain, private_key, clock.now())
    const users = domains.list(app.id).filter(domain => domain.sniEndpointId === endpoint.id)
    const left = users.find(domain => !covers(identity.certificate, domain.hostname))
    if (left !== undefined)
      throw new PlatformError('invalid_params', `The certificate is not for ${left.hostname}, which is shown with ${endpoint.name}.`)
    const updated = sniEndpoints.update(endpoint, identity, 'manual')
    // From now on it is the user's, and ACM has no business with its domains.
    for (const domain of users) acm.leave(domain)
    await services.routesChanged(app.id)
    return c.json(serializeSniEndpoint(updated, app, domains.list(app.id)))
  })

  api.delete('/apps/:app/sni-endpoints/:endpoint', async c => {
    const app = apps.resolve(c.req.param('app'))
    const endpoint = sniEndpoints.resolve(app.id, c.req.param('endpoint'))
    const all = domains.list(app.id)
    sniEndpoints.remove(endpoint)
    for (const {id, sniEndpointId} of all) if (sniEndpointId === endpoint.id) acm.consider(domains.resolve(app.id, id))
    await services.routesChanged(app.id)
    return c.json(serializeSniEndpoint(endpoint, app, all))
  })

  acmRoutes(api, services)
}

/** `/apps/:app/acm`: Automatic Certificate Management on, again, off. Not in the published schema; the official CLI asks for it so. */
function acmRoutes(api: Api, services: Services): void {
  const {acm, apps} = services
  api.post('/apps/:app/acm', c => {
    acm.enable(apps.resolve(c.req.param('app')).id)
    return c.json(serializeApp(apps.resolve(c.req.param('app')), services, variantOf(c)), 201)
  })
  api.patch('/apps/:app/acm', async c => {
    const app = apps.resolve(c.req.param('app'))
    await body(c, z.object({acm_refresh: z.literal(true)}))
    if (!app.acm) throw new PlatformError('invalid_params', `Automatic Certificate Management is not enabled on ${app.name}.`)
    acm.refresh(app.id)
    return c.json(serializeApp(app, services, variantOf(c)))
  })
  api.delete('/apps/:app/acm', async c => {
    const app = apps.resolve(c.req.param('app'))
    acm.disable(app.id)
    await services.routesChanged(app.id)
    return c.json(serializeApp(apps.resolve(app.id), services, variantOf(c)))
  })
}
