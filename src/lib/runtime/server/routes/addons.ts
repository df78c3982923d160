import type {Context} from 'hono'
import {z} from 'zod'
import {PlatformError} from '../../../schema/errors.js'
import type {AddOn} from '../../../schema/resources.js'
import type {AddonRecord} from '../../addons/addons.js'
import {findPlan} from '../../addons/catalogue.js'
import {body, flag} from '../body.js'
import {page} from '../ranges.js'
import {type AddonServices, serializeAddon, serializePlan, serializeService, words} from '../serialize/addon.js'
import type {Api, ApiEnv, Services} from '../services.js'

const identity = z.union([z.string(), z.object({id: z.string()}), z.object({name: z.string()})]).transform(nameOf)
const options = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
const createBody = z.object({
  plan: identity,
  name: z.string().optional(),
  attachment: z.object({name: z.string().optional()}).nullish(),
  config: options.nullish(),
  confirm: z.string().nullish(),
})
const updateBody = z.object({plan: identity.optional(), name: z.string().optional()})
const destroyBody = z.object({force: flag.optional()})
const resolveBody = z.object({addon: z.string(), app: z.string().nullish(), addon_service: z.string().nullish()})

/** Add-ons, and the catalogue of services and plans. */
export function addonRoutes(api: Api, services: AddonServices & Pick<Services, 'engine'>): void {
  catalogueRoutes(api, services)
  const {addons, apps} = services
  const shown = (c: Context<ApiEnv>, addon: AddonRecord): AddOn => serializeAddon(addon, services, words(c.req.header('accept-expansion')))
  const list = (c: Context<ApiEnv>, found: AddonRecord[]): Response =>
    page(
      c,
      found.map(addon => shown(c, addon)),
      'id',
      addon => addon.id,
    )

  api.get('/addons', c => list(c, addons.list()))
  api.get('/users/:user/addons', c => list(c, addons.list()))
  api.get('/addons/:addon', c => c.json(shown(c, addons.get(c.req.param('addon')))))
  api.get('/apps/:app/addons', c => list(c, ofApp(c.req.param('app'), services)))
  api.get('/apps/:app/addons/:addon', c => c.json(shown(c, addons.get(c.req.param('addon'), apps.resolve(c.req.param('app')).id))))

  api.post('/apps/:app/addons', async c => {
    const app = apps.resolve(c.req.param('app'))
    const {plan, name, attachment, config, confirm} = await body(c, createBody)
    const request = {
      plan,
      ...(name !== undefined && {name}),
      ...(attachment?.name !== undefined && {attachment: attachment.name}),
      ...(config && {options: config}),
      ...(confirm && {confirm}),
    }
    await services.engine.ping()
    return c.json(shown(c, await addons.create(app, request, c.var.caller.email)), 201)
  })

  const update = async (c: Context<ApiEnv>, addon: AddonRecord): Promise<Response> => {
    const {plan, name} = await body(c, updateBody)
    if (plan === undefined && name === undefined) throw new PlatformError('invalid_params', 'plan or name is required.')
    if (plan !== undefined && c.var.partner !== undefined)
      throw new PlatformError('forbidden', 'The plan of an add-on is for its owner to change.')
    const renamed = name === undefined ? addon : addons.rename(addon, name, c.var.caller.email)
    return c.json(shown(c, plan === undefined ? renamed : await addons.changePlan(renamed, plan, c.var.caller.email)))
  }
  api.patch('/addons/:addon', c => update(c, addons.get(c.req.param('addon'))))
  api.patch('/apps/:app/addons/:addon', c => update(c, addons.get(c.req.param('addon'), apps.resolve(c.req.param('app')).id)))

  api.delete('/apps/:app/addons/:addon', async c => {
    const app = apps.resolve(c.req.param('app'))
    const addon = addons.get(c.req.param('addon'), app.id)
    if (addon.appId !== app.id)
      throw new PlatformError('forbidden', `${addon.name} is billed to ${apps.resolve(addon.appId).name}, not to ${app.name}.`)
    const {force} = await body(c, destroyBody)
    const before = shown(c, addon)
    const {state} = await addons.destroy(addon, {force: force === true}, c.var.caller.email)
    return c.json({...before, state})
  })

  api.post('/actions/addons/resolve', async c => {
    const {addon, app, addon_service: service} = await body(c, resolveBody)
    const found = addons.resolveAddons(addon, {...(app && {app}), ...(service && {service})})
    return c.json(found.map(one => shown(c, one)))
  })
}

/** Those billed to an app and those attached to it. */
function ofApp(app: string, {addons, apps}: AddonServices): AddonRecord[] {
  const {id} = apps.resolve(app)
  const attached = new Set(addons.attachmentsOf(id).map(one => one.addonId))
  const shared = [...attached].map(addon => addons.get(addon)).filter(addon => addon.appId !== id && addon.state !== 'deprovisioned')
  return [...addons.listOf(id), ...shared]
}

function catalogueRoutes(api: Api, {addons}: AddonServices): void {
  const {catalogue} = addons
  api.get('/addon-services', c => page(c, catalogue.services().map(serializeService), 'name', service => service.name))
  api.get('/addon-services/:service', c => c.json(serializeService(catalogue.service(c.req.param('service')))))
  api.get('/addon-services/:service/plans', c => {
    const service = catalogue.service(c.req.param('service'))
    // In the catalogue's own order, which is by size; Heroku's CLI sorts by price anyway.
    return c.json(service.manifest.local.plans.map(plan => serializePlan(service, plan)))
  })
  api.get('/addon-services/:service/plans/:plan', c => {
    const service = catalogue.service(c.req.param('service'))
    const wanted = c.req.param('plan')
    return c.json(serializePlan(service, findPlan(service.manifest, wanted.split(':').at(-1))))
  })
  api.get('/plans/:plan', c => {
    const {service, plan} = catalogue.plan(c.req.param('plan'))
    return c.json(serializePlan(service, plan))
  })
}

function nameOf(value: string | {id: string} | {name: string}): string {
  if (typeof value === 'string') return value
  return 'id' in value ? value.id : value.name
}
