import {requestBody} from '../body.js'
import type {Api, Services} from '../services.js'

/** Add-on services from folders of the user's, whose images are built here, and pages of servers: for the socket only. */
export function addonServiceRoutes(api: Api, {addons}: Pick<Services, 'addons'>): void {
  api.get('/runtime/addon-services', async c => c.json(await addons.installed.list()))
  api.post('/runtime/addon-services', async c => c.json(await addons.installed.install(requestBody(c)), 201))
  api.get('/runtime/addons/:addon/page', async c =>
    c.json(await addons.shown.page(addons.get(c.req.param('addon')), {...c.var.caller, app: c.req.query('app')})),
  )
  api.delete('/runtime/addon-services/:service', async c => c.json(await addons.installed.uninstall(c.req.param('service'))))
}
