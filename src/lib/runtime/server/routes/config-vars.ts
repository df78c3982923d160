import {z} from 'zod'
import {PlatformError} from '../../../schema/errors.js'
import {body} from '../body.js'
import type {Api, Services} from '../services.js'

/** Config vars, now and of a release. What add-ons set is shown as programs on the host can use it. */
export function configVarRoutes(api: Api, services: Services): void {
  const {apps, addons, configVars, releases, releaseTable} = services
  const shown = (appId: string): Record<string, string> => sorted({...configVars.get(appId), ...addons.configVars(appId, 'host')})

  api.get('/apps/:app/config-vars', c => c.json(shown(apps.resolve(c.req.param('app')).id)))

  api.patch('/apps/:app/config-vars', async c => {
    const app = apps.resolve(c.req.param('app'))
    const changes = await body(c, z.record(z.string(), z.union([z.string(), z.null()])))
    await releases.changeConfig(app.id, changes, c.var.caller.email)
    return c.json(shown(app.id))
  })

  api.get('/apps/:app/releases/:release/config-vars', c => {
    const app = apps.resolve(c.req.param('app'))
    const wanted = c.req.param('release')
    const release = /^\d+$/.test(wanted) ? releaseTable.byVersion(app.id, Number(wanted)) : releaseTable.get(wanted)
    if (release === undefined || release.appId !== app.id)
      throw new PlatformError('not_found', "Couldn't find that release.", {resource: 'release'})
    return c.json(sorted(release.config))
  })
}

function sorted(vars: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(vars).sort(([a], [b]) => (a < b ? -1 : 1)))
}
