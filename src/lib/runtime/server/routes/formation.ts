import type {Context} from 'hono'
import {z} from 'zod'
import {PlatformError} from '../../../schema/errors.js'
import type {Formation} from '../../../schema/resources.js'
import type {AppRecord} from '../../apps/app-record.js'
import {body} from '../body.js'
import {serializeFormation} from '../serialize/release.js'
import type {Api, ApiEnv, Services} from '../services.js'
import {warnOfShortage} from '../warnings.js'

const size = z.union([z.string(), z.object({name: z.string()}).transform(ref => ref.name)])
const one = z.object({
  quantity: z.union([z.number(), z.string()]).optional(),
  size: size.optional(),
  dyno_size: size.optional(),
  docker_image: z.string().nullish(),
})
const batch = z.object({updates: z.array(one.extend({type: z.string().optional(), process: z.string().optional()}))})

/** The formation: list, info, scale and resize. Answers once the wish is stored; dynos follow. */
export function formationRoutes(api: Api, services: Services): void {
  const {apps, formations, dynos, releases} = services
  const shown = (app: AppRecord): Formation[] => {
    const release = releases.current(app.id)
    const types = release === undefined ? {} : (releases.slugOf(release)?.processTypes ?? {})
    return formations.list(app.id).map(row => serializeFormation(row, app, types[row.type] ?? ''))
  }
  type Change = {type: string; quantity?: number | string; size?: string}
  const scale = async (app: AppRecord, updates: Change[], c: Context<ApiEnv>): Promise<Formation[]> => {
    const host = await services.engine.ping()
    const user = c.var.caller.email
    formations.scale(app.id, updates, user)
    void dynos.converge(app.id, 'scaled').catch(error => services.log.error('converge after scale', {app: app.name, error}))
    const types = new Set(updates.map(update => update.type))
    const changed = shown(app).filter(row => types.has(row.type))
    warnOfShortage(
      c,
      changed.filter(row => row.quantity > 0).map(row => row.size),
      host,
    )
    return changed
  }

  /** Resolves once the release is stored; its release command and its dynos follow, as those of any other. */
  const releaseImages = async (app: AppRecord, updates: (z.infer<typeof one> & {type: string})[], user: string): Promise<void> => {
    const images = updates.flatMap(({type, docker_image: image}) => (image === undefined ? [] : [{type, image}]))
    if (images.length > 0) await services.pushedImages.release(app.id, images, user)
  }

  api.get('/apps/:app/formation', c => c.json(shown(apps.resolve(c.req.param('app')))))

  api.get('/apps/:app/formation/:type', c => {
    const wanted = c.req.param('type')
    const found = shown(apps.resolve(c.req.param('app'))).find(row => row.type === wanted || row.id === wanted)
    if (found === undefined) throw new PlatformError('not_found', `Couldn't find that process type (${wanted}).`)
    return c.json(found)
  })

  api.patch('/apps/:app/formation', async c => {
    const app = apps.resolve(c.req.param('app'))
    const updates = (await body(c, batch)).updates.map(update => ({...update, type: update.type ?? update.process ?? ''}))
    await releaseImages(app, updates, c.var.caller.email)
    const changes = updates.filter(isScale).map(update => change(update.type, update))
    return c.json(changes.length > 0 || updates.length === 0 ? await scale(app, changes, c) : shown(app))
  })

  api.patch('/apps/:app/formation/:type', async c => {
    const app = apps.resolve(c.req.param('app'))
    const update = {...(await body(c, one)), type: c.req.param('type')}
    const before = shown(app).find(row => row.type === update.type)
    await releaseImages(app, [update], c.var.caller.email)
    if (update.docker_image !== undefined && !isScale(update))
      return c.json((shown(app).find(row => row.type === update.type) ?? before) as Formation)
    const [changed] = await scale(app, [change(update.type, update)], c)
    return c.json(changed as Formation)
  })
}

function isScale({quantity, size: given, dyno_size: dynoSize}: z.infer<typeof one>): boolean {
  return quantity !== undefined || given !== undefined || dynoSize !== undefined
}

function change(type: string, given: z.infer<typeof one>): {type: string; quantity?: number | string; size?: string} {
  const wanted = given.size ?? given.dyno_size
  return {type, ...(given.quantity === undefined ? {} : {quantity: given.quantity}), ...(wanted === undefined ? {} : {size: wanted})}
}
