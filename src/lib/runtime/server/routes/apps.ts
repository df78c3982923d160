import {z} from 'zod'
import {PlatformError} from '../../../schema/errors.js'
import type {AppRecord} from '../../apps/app-record.js'
import type {ReleaseRecord} from '../../releases/release-record.js'
import {body, flag} from '../body.js'
import {page, readRange, respond} from '../ranges.js'
import {serializeApp, serializeApps} from '../serialize/app.js'
import type {Api, Services} from '../services.js'
import {variantOf} from '../variant.js'

const reference = z.union([
  z.string(),
  z.object({id: z.string().optional(), name: z.string().optional()}).transform(ref => ref.name ?? ref.id),
])

const createBody = z.object({
  name: z.string().nullish(),
  stack: reference.nullish(),
  region: reference.nullish(),
})
const updateBody = z.object({name: z.string().optional(), maintenance: flag.optional(), build_stack: reference.optional()})

/** `/apps`: create, list, info, update, destroy. */
export function appRoutes(api: Api, services: Services): void {
  const {apps} = services
  listRoutes(api, services)

  api.post('/apps', async c => {
    const given = await body(c, createBody)
    const options = {
      ...(given.name ? {name: given.name} : {}),
      ...(given.stack ? {stack: given.stack} : {}),
      ...(given.region ? {region: given.region} : {}),
    }
    const app = await services.createApp(options, c.var.caller.email)
    return c.json(serializeApp(app, services, variantOf(c)), 201)
  })

  api.get('/apps/:app', c => c.json(serializeApp(apps.resolve(c.req.param('app')), services, variantOf(c))))

  api.patch('/apps/:app', async c => {
    const app = apps.resolve(c.req.param('app'))
    const given = await body(c, updateBody)
    if (Object.keys(given).length === 0)
      throw new PlatformError('invalid_params', 'Nothing to change: give name, maintenance or build_stack.')
    const changes = {
      ...(given.name === undefined ? {} : {name: given.name}),
      ...(given.maintenance === undefined ? {} : {maintenance: given.maintenance}),
      ...(given.build_stack === undefined ? {} : stackChange(given.build_stack, services.releases.current(app.id))),
    }
    const updated = apps.update(app.id, changes)
    if (updated.name !== app.name) await moveRepository(services, app.name, updated)
    if (given.name !== undefined || given.maintenance !== undefined) await services.routesChanged(app.id)
    return c.json(serializeApp(updated, services, variantOf(c)))
  })

  api.delete('/apps/:app', async c => {
    const app = apps.resolve(c.req.param('app'))
    const resource = serializeApp(app, services, variantOf(c))
    await services.destroyApp(app)
    return c.json(resource)
  })
}

function listRoutes(api: Api, services: Services): void {
  const {apps} = services
  const list = (path: string): void => {
    api.get(path, c => {
      const range = readRange(c, 'name')
      const found = apps.page(range)
      return respond(c, serializeApps(found.slice(0, range.max), services, variantOf(c)), found.length > range.max, range, app => app.name)
    })
  }
  list('/apps')
  list('/users/:user/apps')

  api.post('/filters/apps', async c => {
    const {in: wanted} = await body(c, z.object({in: z.object({id: z.array(z.string())})}))
    const found = [...new Set(wanted.id)].flatMap(id => apps.find(id) ?? []).filter(app => wanted.id.includes(app.id))
    return page(c, serializeApps(found, services, variantOf(c)), 'id', app => app.id)
  })
}

/** As on Heroku, an app that was never deployed is on its new stack at once. */
function stackChange(stack: string, current: ReleaseRecord | undefined): {buildStack: string; stack?: string} {
  return {buildStack: stack, ...(current?.slugId === undefined && {stack})}
}

async function moveRepository({repositories}: Services, before: string, app: AppRecord): Promise<void> {
  await repositories.link(app)
  await repositories.unlink(before)
}
