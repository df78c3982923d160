import {z} from 'zod'
import type {LogDrain} from '../../../schema/resources.js'
import type {AppRecord} from '../../apps/app-record.js'
import type {LogDrainRecord} from '../../log-drains/log-drain-table.js'
import {isoSeconds} from '../../support/clock.js'
import {body} from '../body.js'
import {page} from '../ranges.js'
import type {Api, Services} from '../services.js'

/** `/apps/:app/log-drains`; one is named by its id, token or URL. */
export function logDrainRoutes(api: Api, {addons, apps, logDrains}: Services): void {
  api.get('/apps/:app/log-drains', c => {
    const app = apps.resolve(c.req.param('app'))
    const drains = logDrains.list(app.id).map(one => serializeLogDrain(one, app, addons))
    return page(c, drains, 'id', drain => drain.id)
  })

  api.post('/apps/:app/log-drains', async c => {
    const app = apps.resolve(c.req.param('app'))
    const {url} = await body(c, z.object({url: z.string()}))
    return c.json(serializeLogDrain(logDrains.add(app.id, url), app, addons), 201)
  })

  api.get('/apps/:app/log-drains/:drain', c => {
    const app = apps.resolve(c.req.param('app'))
    return c.json(serializeLogDrain(logDrains.find(app.id, c.req.param('drain')), app, addons))
  })

  api.delete('/apps/:app/log-drains/:drain', async c => {
    const app = apps.resolve(c.req.param('app'))
    return c.json(serializeLogDrain(await logDrains.remove(app.id, c.req.param('drain')), app, addons))
  })
}

/** An add-on's drain names it. */
export function serializeLogDrain(record: LogDrainRecord, app: AppRecord, addons: Services['addons']): LogDrain {
  const {id, url, token, addonId, createdAt, updatedAt} = record
  return {
    addon: addonId === undefined ? null : {id: addonId, name: addons.get(addonId).name, app: {id: app.id, name: app.name}},
    app: {id: app.id, name: app.name},
    created_at: isoSeconds(createdAt),
    id,
    token,
    updated_at: isoSeconds(updatedAt),
    url,
  }
}
