import {z} from 'zod'
import {PlatformError} from '../../../schema/errors.js'
import type {BuildpackInstallation} from '../../../schema/resources.js'
import type {AppRecord} from '../../apps/app-record.js'
import {isBuildpackName, unknownBuildpack} from '../../slugs/choose-buildpacks.js'
import {body} from '../body.js'
import type {Api, Services} from '../services.js'

const updatesBody = z.object({updates: z.array(z.object({buildpack: z.string().min(1)}))})

/** Which buildpacks an app uses, in order. A change takes effect with the next build. */
export function buildpackInstallationRoutes(api: Api, services: Services): void {
  const {apps} = services
  api.get('/apps/:app/buildpack-installations', c => c.json(shown(apps.resolve(c.req.param('app')))))
  api.put('/apps/:app/buildpack-installations', async c => {
    const app = apps.resolve(c.req.param('app'))
    const {updates} = await body(c, updatesBody)
    const buildpacks = updates.map(update => shortName(update.buildpack))
    // What a builder has, only the build can tell.
    const unknown = app.buildStack === 'cnb' ? undefined : buildpacks.find(name => !isBuildpackName(name))
    if (unknown !== undefined) throw new PlatformError('invalid_params', unknownBuildpack(unknown).join(' '))
    return c.json(shown(apps.update(app.id, {buildpacks, detectedBuildpack: undefined})))
  })
}

function shown(app: AppRecord): BuildpackInstallation[] {
  const urls = app.buildpacks.length > 0 ? app.buildpacks : app.detectedBuildpack === undefined ? [] : [app.detectedBuildpack]
  return urls.map((url, ordinal) => ({ordinal, buildpack: {url, name: url}}))
}

/** The API's `urn:buildpack:heroku/nodejs` is `heroku/nodejs`. */
function shortName(url: string): string {
  return url.replace(/^urn:buildpack:/, '')
}
