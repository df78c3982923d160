import type {Context} from 'hono'
import {z} from 'zod'
import type {AddOnAttachment} from '../../../schema/resources.js'
import type {AttachmentRecord} from '../../addons/addons.js'
import {body} from '../body.js'
import {page} from '../ranges.js'
import {type AddonServices, serializeAttachment, words} from '../serialize/addon.js'
import type {Api, ApiEnv} from '../services.js'

const named = z.union([z.string(), z.object({id: z.string()}), z.object({name: z.string()})]).transform(value => {
  if (typeof value === 'string') return value
  return 'id' in value ? value.id : value.name
})
const createBody = z.object({
  addon: named,
  app: named,
  name: z.string().nullish(),
  namespace: z.string().nullish(),
  confirm: z.string().nullish(),
})
const resolveBody = z.object({addon_attachment: z.string(), app: z.string().nullish(), addon_service: z.string().nullish()})

/** Attachments of add-ons to apps. */
export function attachmentRoutes(api: Api, services: AddonServices): void {
  const {addons, apps} = services
  const shown = (c: Context<ApiEnv>, one: AttachmentRecord): AddOnAttachment =>
    serializeAttachment(one, services, words(c.req.header('accept-inclusion')))
  const list = (c: Context<ApiEnv>, found: AttachmentRecord[]): Response =>
    page(
      c,
      found.map(one => shown(c, one)),
      'id',
      one => one.id,
    )

  api.get('/addon-attachments', c => list(c, addons.allAttachments()))
  api.get('/addon-attachments/:attachment', c => c.json(shown(c, addons.attachment(c.req.param('attachment')))))
  api.get('/addons/:addon/addon-attachments', c => list(c, addons.attachmentsTo(addons.get(c.req.param('addon')).id)))
  api.get('/apps/:app/addon-attachments', c => list(c, addons.attachmentsOf(apps.resolve(c.req.param('app')).id)))
  api.get('/apps/:app/addon-attachments/:attachment', c =>
    c.json(shown(c, addons.attachment(c.req.param('attachment'), apps.resolve(c.req.param('app')).id))),
  )

  api.post('/addon-attachments', async c => {
    const given = await body(c, createBody)
    const request = {
      addon: addons.get(given.addon),
      app: apps.resolve(given.app),
      ...(given.name && {name: given.name}),
      ...(given.namespace && {namespace: given.namespace}),
      ...(given.confirm && {confirm: given.confirm}),
    }
    return c.json(shown(c, await addons.attach(request, c.var.caller.email)), 201)
  })

  api.delete('/addon-attachments/:attachment', async c => {
    const attachment = addons.attachment(c.req.param('attachment'))
    const before = shown(c, attachment)
    await addons.detach(attachment, c.var.caller.email)
    return c.json(before)
  })

  api.post('/actions/addon-attachments/resolve', async c => {
    const {addon_attachment: wanted, app, addon_service: service} = await body(c, resolveBody)
    const found = addons.resolveAttachments(wanted, {...(app && {app}), ...(service && {service})})
    return c.json(found.map(one => shown(c, one)))
  })
}
