import {z} from 'zod'
import type {AppSetup} from '../../../schema/resources.js'
import type {SetupRecord} from '../../app-setups/setup-table.js'
import {isoSeconds} from '../../support/clock.js'
import {body} from '../body.js'
import {outputUrl} from '../serialize/release.js'
import type {Api, Services} from '../services.js'

const createBody = z.object({
  app: z.object({name: z.string().optional(), stack: z.string().optional(), region: z.string().optional()}).default({}),
  source_blob: z.object({url: z.string(), version: z.string().nullish(), checksum: z.string().nullish()}),
  overrides: z
    .object({env: z.record(z.string(), z.string()).default({}), buildpacks: z.array(z.object({url: z.string()})).default([])})
    .default({env: {}, buildpacks: []}),
})

/** App setups: an app from a source with an app.json. */
export function appSetupRoutes(api: Api, services: Services): void {
  const {appSetups} = services
  api.post('/app-setups', async c => {
    const given = await body(c, createBody)
    const user = c.var.caller.email
    const {name, stack, region} = given.app
    const app = await services.createApp({...(name && {name}), ...(stack && {stack}), ...(region && {region})}, user)
    const overrides = {env: given.overrides.env, buildpacks: given.overrides.buildpacks.map(one => one.url)}
    const {url, version} = given.source_blob
    const {setup} = appSetups.start(app, {source: {url, ...(version ? {version} : {})}, overrides, user})
    return c.json(serialize(setup, services), 202)
  })
  api.get('/app-setups/:id', c => c.json(serialize(appSetups.get(c.req.param('id')), services)))
}

function serialize(setup: SetupRecord, services: Services): AppSetup {
  const build =
    setup.buildId === undefined || services.apps.find(setup.appId) === undefined
      ? undefined
      : services.builds.get(setup.appId, setup.buildId)
  return {
    id: setup.id,
    created_at: isoSeconds(setup.createdAt),
    updated_at: isoSeconds(setup.updatedAt),
    status: setup.status,
    failure_message: setup.failureMessage ?? null,
    app: {id: setup.appId, name: setup.appName},
    build: build === undefined ? null : {id: build.id, status: build.status, output_stream_url: outputUrl(services, build.id)},
    manifest_errors: setup.manifestErrors,
    postdeploy: setup.postdeploy ?? null,
    resolved_success_url: setup.successUrl ?? null,
  }
}
