import {z} from 'zod'
import {PlatformError} from '../../../schema/errors.js'
import type {AppRecord} from '../../apps/app-record.js'
import {appFeatures} from '../../apps/features.js'
import {isoSeconds} from '../../support/clock.js'
import {body, flag} from '../body.js'
import {stableId} from '../serialize/ids.js'
import type {Api, Services} from '../services.js'

/** App features: list, info, enable, disable. */
export function featureRoutes(api: Api, services: Services): void {
  const {apps} = services
  api.get('/apps/:app/features', c => {
    const app = apps.resolve(c.req.param('app'))
    return c.json(appFeatures.map(feature => serialize(feature, app)))
  })
  api.get('/apps/:app/features/:feature', c => c.json(serialize(find(c.req.param('feature')), apps.resolve(c.req.param('app')))))
  api.patch('/apps/:app/features/:feature', async c => {
    const app = apps.resolve(c.req.param('app'))
    const feature = find(c.req.param('feature'))
    const {enabled} = await body(c, z.object({enabled: flag}))
    const updated = apps.update(app.id, {features: {...app.features, [feature.name]: enabled}})
    await services.routesChanged(app.id)
    return c.json(serialize(feature, updated))
  })
}

type Feature = (typeof appFeatures)[number]

function find(nameOrId: string): Feature {
  const found = appFeatures.find(feature => feature.name === nameOrId || stableId('feature', feature.name) === nameOrId)
  if (found === undefined) throw new PlatformError('not_found', "Couldn't find that feature.")
  return found
}

function serialize(feature: Feature, app: AppRecord): Record<string, unknown> {
  return {
    created_at: isoSeconds(app.createdAt),
    description: feature.description,
    display_name: feature.name,
    doc_url: feature.docUrl,
    enabled: app.features[feature.name] ?? false,
    feedback_email: '',
    id: stableId('feature', feature.name),
    name: feature.name,
    state: feature.state,
    updated_at: isoSeconds(app.updatedAt),
  }
}
