import {z} from 'zod'
import type {TtySize} from '../../../engine/engine.js'
import {notFound} from '../../../schema/errors.js'
import type {OneOffRequest} from '../../dynos/dyno-manager.js'
import {body, flag} from '../body.js'
import {serializeDyno} from '../serialize/dyno.js'
import type {Api, Services} from '../services.js'
import {warnOfShortage} from '../warnings.js'

const env = z.record(z.string().regex(/^\w+$/, 'should be the name of a variable'), z.string())
const inside = z.object({command: z.string().min(1), env: env.optional(), force_no_tty: flag.nullish()})
const create = inside.extend({
  attach: flag.nullish(),
  /** An image that was pushed for the process type, instead of the release's. */
  docker_image: z.string().nullish(),
  size: z.string().nullish(),
  type: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'should be a process type')
    .nullish(),
  time_to_live: z.number().int().min(1).max(86_400, 'should be at most 86400 seconds').nullish(),
})

/** Dynos: list, info, one-off dynos, commands inside dynos, restart and stop (heroku-cli.md 3.1, 3.3). */
export function dynoRoutes(api: Api, services: Pick<Services, 'apps' | 'dynos' | 'engine' | 'addresses'> & Images): void {
  const {apps, dynos} = services
  const attachUrl = (secret: string): string => `rendezvous://${services.addresses.rendezvous()}/${secret}`

  api.get('/apps/:app/dynos', c => {
    const app = apps.resolve(c.req.param('app'))
    return c.json(dynos.list(app.id).map(one => serializeDyno(one, app)))
  })

  api.get('/apps/:app/dynos/:dyno', c => {
    const app = apps.resolve(c.req.param('app'))
    const wanted = c.req.param('dyno')
    const found = dynos.list(app.id).findLast(one => one.name === wanted || one.id === wanted)
    if (found === undefined) throw notFound('dyno')
    return c.json(serializeDyno(found, app))
  })

  api.post('/apps/:app/dynos', async c => {
    const app = apps.resolve(c.req.param('app'))
    const request = oneOffRequest(app.id, await body(c, create), c.var.caller.email, services)
    const host = await services.engine.ping()
    const {dyno, secret} = await dynos.runOneOff(request)
    warnOfShortage(c, [dyno.size], host)
    return c.json(serializeDyno(dyno, app, secret === undefined ? null : attachUrl(secret)), 201)
  })

  api.post('/apps/:app/dynos/:dyno', async c => {
    const app = apps.resolve(c.req.param('app'))
    const given = await body(c, inside)
    const variables = given.env ?? {}
    const options = {env: variables, tty: terminal(variables, given.force_no_tty)}
    const {view, secret} = await dynos.runInside(app.id, c.req.param('dyno'), given.command, options)
    return c.json(serializeDyno(view, app, attachUrl(secret)), 201)
  })

  api.delete('/apps/:app/dynos', async c => {
    await dynos.restart(apps.resolve(c.req.param('app')).id, {})
    return c.json({}, 202)
  })

  api.delete('/apps/:app/dynos/:dyno', async c => {
    await dynos.restart(apps.resolve(c.req.param('app')).id, {dyno: c.req.param('dyno')})
    return c.json({}, 202)
  })

  api.delete('/apps/:app/formations/:type', async c => {
    await dynos.restart(apps.resolve(c.req.param('app')).id, {type: c.req.param('type')})
    return c.json({}, 202)
  })

  api.post('/apps/:app/dynos/:dyno/actions/stop', async c => {
    await dynos.stop(apps.resolve(c.req.param('app')).id, {dyno: c.req.param('dyno')})
    return c.json({}, 202)
  })

  api.post('/apps/:app/formations/:type/actions/stop', async c => {
    await dynos.stop(apps.resolve(c.req.param('app')).id, {type: c.req.param('type')})
    return c.json({}, 202)
  })
}

function oneOffRequest(appId: string, given: z.infer<typeof create>, user: string, services: Images): OneOffRequest {
  const attach = given.attach === true
  const variables = given.env ?? {}
  return {
    appId,
    command: given.command,
    env: variables,
    user,
    log: !attach,
    ...pushedRelease(appId, given, services),
    ...(given.type && {type: given.type}),
    ...(given.size && {size: given.size}),
    ...(given.time_to_live && {timeToLive: given.time_to_live}),
    ...(attach && {attach: {tty: terminal(variables, given.force_no_tty)}}),
  }
}

type Images = Pick<Services, 'pushedImages' | 'releases'>

/** The current release in an image that no release has yet. */
function pushedRelease(
  appId: string,
  {type, docker_image: image}: z.infer<typeof create>,
  services: Images,
): Pick<OneOffRequest, 'release'> {
  const release = services.releases.current(appId)
  if (!image || !type || release === undefined) return {}
  return {release: {release, slug: services.pushedImages.find(appId, {type, image}).slug}}
}

/** An attached dyno has a terminal unless the client says otherwise, as on Heroku; its size comes with the environment. */
function terminal(variables: Record<string, string>, forceNoTty: boolean | null | undefined): TtySize | undefined {
  if (forceNoTty === true) return undefined
  return {columns: side(variables['COLUMNS'], 80), rows: side(variables['LINES'], 24)}
}

function side(given: string | undefined, otherwise: number): number {
  const size = Number(given)
  return Number.isInteger(size) && size > 0 && size < 10_000 ? size : otherwise
}
