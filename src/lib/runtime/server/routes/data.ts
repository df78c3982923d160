import type {Context} from 'hono'
import {z} from 'zod'
import {notFound, PlatformError} from '../../../schema/errors.js'
import type {AddonRecord} from '../../addons/addons.js'
import {poolNamespace} from '../../addons/following.js'
import type {Attachables} from '../attachables.js'
import {body} from '../body.js'
import {type AddonServices, serializeAttachment} from '../serialize/addon.js'
import {credential, infoRows, waitStatus} from '../serialize/database.js'
import type {Api, ApiEnv} from '../services.js'

/** The data APIs behind `pg:*` and `redis:*` (heroku-cli.md 3.2). */
export function dataRoutes(api: Api, services: AddonServices): void {
  const {addons} = services
  const find = (identity: string, kind: 'postgres' | 'redis'): AddonRecord => {
    const addon = addons.get(identity)
    if (addons.catalogue.service(addon.service).manifest.local.data_api !== kind) throw notFound('add_on')
    return addon
  }
  /** As Heroku has it: the leader's URL, as this machine's programs know it, and its name. */
  const kin = ({options}: AddonRecord): Record<string, string | null> => {
    const leader = addons.list().find(one => one.id === options['follow'])
    return leader === undefined ? {} : {following: resourceUrl(leader, services), leader: leader.name}
  }
  const info = async (addon: AddonRecord): Promise<Record<string, unknown>> => ({
    addon_id: addon.id,
    name: addon.name,
    plan: addon.plan,
    created_at: addon.createdAt.toISOString(),
    resource_url: resourceUrl(addon, services),
    ...kin(addon),
    info: infoRows(addon, addon.state === 'provisioned' ? await factsOf(addon, services) : [], services),
  })

  api.get('/client/v11/databases/:addon', async c => c.json(await info(find(c.req.param('addon'), 'postgres'))))
  api.get('/client/v11/databases/:addon/wait_status', c => c.json(waitStatus(find(c.req.param('addon'), 'postgres'))))
  api.put('/client/v11/databases/:addon/reset', async c => {
    await addons.reset(available(find(c.req.param('addon'), 'postgres')))
    return c.json({message: 'Reset successful.'})
  })
  api.put('/client/v11/databases/:addon/stats_reset', async c => {
    const words = c.req.query('of') === 'statements' ? ['statements'] : []
    await addons.tell(available(find(c.req.param('addon'), 'postgres')), 'reset_statistics', ...words)
    return c.json({message: 'Statistics reset successful.'})
  })
  api.post('/client/v11/databases/:addon/upgrade/run', async c => {
    const addon = available(find(c.req.param('addon'), 'postgres'))
    const {version} = await body(c, z.object({version: z.string().nullish()}))
    const major = (await addons.facts(addon)).find(([name]) => name === 'PG Version')?.[1].split('.')[0]
    if (version && version !== major)
      throw new PlatformError('invalid_params', `There is no PostgreSQL ${version} here, only ${major}, as in Debian 13.`)
    throw new PlatformError('conflict', `${addon.name} runs PostgreSQL ${major}, and there is no newer one here: nothing was changed.`)
  })
  api.post('/client/v11/databases/:addon/connection_reset', async c => {
    await addons.disconnect(available(find(c.req.param('addon'), 'postgres')))
    return c.json({message: 'Connections terminated.'})
  })
  api.get('/postgres/v0/databases/:addon/credentials', c => c.json([credential(find(c.req.param('addon'), 'postgres'), services)]))
  api.get('/postgres/v0/databases/:addon/credentials/:name', c => {
    const addon = withCredential(find(c.req.param('addon'), 'postgres'), c.req.param('name'))
    return c.json(credential(available(addon), services))
  })
  replicaRoutes(api, services, find)
  redisRoutes(api, services, {find, info})
  rotationRoutes(api, services, find)
}

/** What its server says; that it says nothing is a fact as well, and keeps nobody from hearing of others. */
async function factsOf(addon: AddonRecord, {addons}: AddonServices): Promise<[name: string, value: string][]> {
  try {
    return await addons.facts(addon)
  } catch (error) {
    if (error instanceof PlatformError && error.id === 'service_unavailable') return [['Status', 'Unavailable']]
    throw error
  }
}

type Find = (identity: string, kind: 'postgres' | 'redis') => AddonRecord

function rotationRoutes(api: Api, {addons}: AddonServices, find: Find): void {
  const rotate = async (c: Context<ApiEnv>, addon: AddonRecord): Promise<Response> => {
    await addons.rotateCredentials(addon, c.var.caller.email)
    return c.json({message: 'Credentials rotated.'})
  }
  api.post('/postgres/v0/databases/:addon/credentials_rotation', c => rotate(c, find(c.req.param('addon'), 'postgres')))
  api.post('/postgres/v0/databases/:addon/credentials/:name/credentials_rotation', c => {
    const addon = find(c.req.param('addon'), 'postgres')
    return rotate(c, withCredential(addon, c.req.param('name')))
  })
  api.post('/redis/v0/databases/:addon/credentials_rotation', c => rotate(c, find(c.req.param('addon'), 'redis')))
}

const poolBody = z.object({name: z.string().nullish(), credential: z.string().nullish(), app: z.string()})

function replicaRoutes(api: Api, services: AddonServices, find: Find): void {
  const {addons, apps} = services
  api.put('/client/v11/databases/:addon/unfollow', async c => {
    await addons.unfollow(available(find(c.req.param('addon'), 'postgres')), c.var.caller.email)
    return c.json({message: 'Unfollowed.'})
  })
  api.post('/client/v11/databases/:addon/connection-pooling', async c => {
    const {name, credential, app} = await body(c, poolBody)
    const addon = withCredential(find(c.req.param('addon'), 'postgres'), credential ?? 'default')
    const request = {addon, app: apps.resolve(app), namespace: poolNamespace, ...(name && {name})}
    return c.json(serializeAttachment(await addons.attach(request, c.var.caller.email), services, new Set()), 201)
  })
}

interface Reading {
  find: Find
  info(addon: AddonRecord): Promise<Record<string, unknown>>
}

function redisRoutes(api: Api, services: AddonServices, {find, info}: Reading): void {
  const {addons} = services
  api.get('/redis/v0/databases', async c => {
    const stores = addons.list().filter(addon => addons.catalogue.service(addon.service).manifest.local.data_api === 'redis')
    return c.json(await Promise.all(stores.map(info)))
  })
  api.get('/redis/v0/databases/:addon', async c => {
    const addon = find(c.req.param('addon'), 'redis')
    // There is no TLS here, so a client must not go to the TLS port.
    return c.json({...(await info(addon)), prefer_native_tls: true})
  })
  const settings = async (addon: AddonRecord) => JSON.parse(await addons.tell(addon, 'settings')) as Record<string, unknown>
  api.get('/redis/v0/databases/:addon/config', async c => c.json(await settings(available(find(c.req.param('addon'), 'redis')))))
  api.patch('/redis/v0/databases/:addon/config', async c => {
    const addon = available(find(c.req.param('addon'), 'redis'))
    const changes = await body(c, z.record(z.string(), z.union([z.string(), z.int()])))
    for (const [name, value] of Object.entries(changes)) await addons.tell(addon, 'settings', name, String(value))
    return c.json(await settings(addon))
  })
  api.post('/redis/v0/databases/:addon/stats/reset', async c => {
    await addons.tell(available(find(c.req.param('addon'), 'redis')), 'reset_statistics')
    return c.json({message: 'Stats reset successful.'})
  })
  api.get('/redis/v0/databases/:addon/wait', c => c.json(waitStatus(find(c.req.param('addon'), 'redis'))))
}

const execBody = z.object({
  command: z.array(z.string()).min(1).optional(),
  tty: z.object({columns: z.int().positive(), rows: z.int().positive()}).nullish(),
})

/** `POST /runtime/addons/ADDON/exec`: a shell in an add-on's container, to be taken over by its secret. For the socket only. */
export function addonExecRoutes(api: Api, {addons}: AddonServices, attachables: Attachables): void {
  api.post('/runtime/addons/:addon/exec', async c => {
    const {command, tty} = await body(c, execBody)
    const addon = available(addons.get(c.req.param('addon')))
    const session = await addons.openSession(addon, {...(command && {command}), tty: tty ?? undefined})
    return c.json({secret: attachables.offer(session)}, 201)
  })
}

function withCredential(addon: AddonRecord, name: string): AddonRecord {
  if (name === 'default') return addon
  throw new PlatformError('not_found', `${addon.name} has only the credential default.`, {resource: 'add_on'})
}

function available(addon: AddonRecord): AddonRecord {
  if (addon.state === 'provisioned') return addon
  throw new PlatformError('conflict', `${addon.name} is ${addon.state}. Wait for it with \`hokku addons:wait ${addon.name}\`.`, {
    resource: 'add_on',
  })
}

function resourceUrl(addon: AddonRecord, {addons}: AddonServices): string | null {
  const attachment = addons.attachmentsTo(addon.id).find(one => one.namespace !== poolNamespace)
  return attachment === undefined ? null : (Object.values(addons.configVarsOf(attachment, 'host'))[0] ?? null)
}
