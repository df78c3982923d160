import {z} from 'zod'
import {PlatformError} from '../../../schema/errors.js'
import type {AddonRecord} from '../../addons/addons.js'
import {sameText} from '../../support/same-text.js'
import {isLoopback} from '../auth.js'
import {body} from '../body.js'
import {scheduleJson, transferJson} from '../serialize/transfer.js'
import type {Api, Services} from '../services.js'
import {streamBody} from '../streams.js'
import {backupKey} from '../token.js'

const restoreBody = z.object({backup_url: z.string(), extensions: z.array(z.string()).nullish()})
const copyBody = z.object({from_url: z.string(), to_url: z.string()})
const scheduleBody = z.object({
  hour: z.coerce.number().int().min(0).max(23),
  timezone: z.string().default('UTC'),
  verify: z.enum(['never', 'weekly', 'daily']).default('weekly'),
  schedule_name: z.string().regex(/^[A-Z][A-Z0-9_]*$/i, 'should be a name of the database, DATABASE_URL'),
})

const verifyBody = z.object({database: z.string().nullish()})
const storeBody = z.object({
  url: z.string(),
  endpoint: z.url({protocol: /^https?$/}).nullish(),
  region: z.string().nullish(),
  access_key: z.string().nullish(),
  secret_key: z.string().nullish(),
})

/** How long the URL of a backup is good, in ms. */
const urlLifetime = 60 * 60 * 1000

/** Backups of databases: what `pg:backups` and `pg:copy` ask (heroku-cli.md 3.2). */
export function transferRoutes(api: Api, services: Services): void {
  const {apps, transfers, addons} = services
  const find = (app: string, identity: string) => transfers.resolve(apps.resolve(app).id, identity)

  api.get('/client/v11/apps/:app/transfers', c =>
    c.json(transfers.list(apps.resolve(c.req.param('app')).id).map(one => transferJson(one, {verbose: false}))),
  )
  api.get('/client/v11/apps/:app/transfers/:id', c =>
    c.json(transferJson(find(c.req.param('app'), c.req.param('id')), {verbose: c.req.query('verbose') === 'true'})),
  )
  api.delete('/client/v11/apps/:app/transfers/:id', async c => {
    const transfer = find(c.req.param('app'), c.req.param('id'))
    await transfers.delete(transfer)
    return c.json(transferJson(transfer, {verbose: false}))
  })
  api.post('/client/v11/apps/:app/transfers/:id/actions/cancel', c => {
    const transfer = find(c.req.param('app'), c.req.param('id'))
    if (transfer.finishedAt === undefined) transfers.cancel(transfer)
    return c.json({canceled: transfer.finishedAt === undefined})
  })
  api.post('/client/v11/apps/:app/transfers/:id/actions/public-url', c => {
    const {id} = find(c.req.param('app'), c.req.param('id'))
    transfers.checkBackup(id)
    const expires = services.clock.now().getTime() + urlLifetime
    return c.json({url: publicUrl(services, id, expires), expires_at: new Date(expires).toISOString()})
  })
  api.get('/backups/:ticket', c => {
    const {dump, bytes} = transfers.read(backupOf(services, c.req.param('ticket')))
    const headers = {'Content-Type': 'application/octet-stream', 'Content-Length': String(bytes)}
    return new Response(
      streamBody(() => dump),
      {headers},
    )
  })

  api.post('/client/v11/databases/:addon/backups', c =>
    c.json(transferJson(transfers.capture(addons.get(c.req.param('addon'))), {verbose: false}), 201),
  )
  api.post('/client/v11/databases/:addon/restores', async c => {
    const {backup_url, extensions} = await body(c, restoreBody)
    const addon = addons.get(c.req.param('addon'))
    return c.json(transferJson(transfers.restore(addon, ownOr(services, backup_url), extensions ?? []), {verbose: false}), 201)
  })
  api.post('/client/v11/databases/:addon/transfers', async c => {
    const {from_url, to_url} = await body(c, copyBody)
    const [from, to] = [databaseAt(services, from_url), databaseAt(services, to_url)]
    return c.json(transferJson(transfers.copy(from, to), {verbose: false}), 201)
  })
  scheduleRoutes(api, services)
  verificationRoutes(api, services)
  storeRoutes(api, services)
}

/** Tests of backups, which Heroku has none of. */
function verificationRoutes(api: Api, {apps, addons, transfers}: Services): void {
  api.post('/client/v11/apps/:app/transfers/:id/actions/verify', async c => {
    const {database} = await body(c, verifyBody)
    const {id} = transfers.resolve(apps.resolve(c.req.param('app')).id, c.req.param('id'))
    const addon = database ? addons.get(database) : undefined
    return c.json(transferJson(transfers.verify(id, addon), {verbose: false}), 201)
  })
}

/** Where new backups go; for the socket only, since it takes keys. */
function storeRoutes(api: Api, {transfers}: Services): void {
  api.get('/runtime/backup-store', c => c.json(transfers.stores.facts()))
  api.put('/runtime/backup-store', async c => {
    const {url, endpoint, region, access_key: access, secret_key: secret} = await body(c, storeBody)
    const keys = access && secret ? {access, secret} : undefined
    await transfers.stores.use({url, ...(endpoint && {endpoint}), ...(region && {region}), ...(keys && {keys})})
    return c.json(transfers.stores.facts())
  })
}

function scheduleRoutes(api: Api, {addons, transfers}: Services): void {
  const {schedules} = transfers
  api.get('/client/v11/databases/:addon/transfer-schedules', c =>
    c.json(schedules.list(addons.get(c.req.param('addon')).id).map(scheduleJson)),
  )
  api.post('/client/v11/databases/:addon/transfer-schedules', async c => {
    const {hour, timezone, verify, schedule_name: name} = await body(c, scheduleBody)
    const addon = addons.get(c.req.param('addon'))
    transfers.check(addon)
    return c.json(scheduleJson(schedules.set({addonId: addon.id, name, hour, timezone, verify})), 201)
  })
  api.delete('/client/v11/databases/:addon/transfer-schedules/:id', c =>
    c.json(scheduleJson(schedules.remove(addons.get(c.req.param('addon')).id, c.req.param('id')))),
  )
}

/** With TLS, as the official CLI fetches it. */
function publicUrl({addresses, token}: Services, id: string, expires: number): string {
  return `${addresses.api().replace('http:', 'https:')}/backups/${id}.${expires}.${backupKey(token, id, expires)}`
}

/** Throws not_found for a ticket that was not given here, or is over. */
function backupOf({clock, token}: Services, ticket: string): string {
  const [id = '', expires = '', key = ''] = ticket.split('.')
  if (sameText(key, backupKey(token, id, Number(expires))) && Number(expires) > clock.now().getTime()) return id
  throw new PlatformError('not_found', 'This URL of a backup is not valid any more. pg:backups:url makes another.')
}

/** A URL that was made here means the backup itself. */
function ownOr(services: Services, url: string): string {
  if (!URL.canParse(url) || !/^https?:/.test(url)) return url
  const {host, pathname} = new URL(url)
  const ticket = /^\/backups\/([^/]+)$/.exec(pathname)?.[1]
  const own = isLoopback(host) && new URL(services.addresses.api()).port === new URL(url).port
  return own && ticket !== undefined ? `backup:${backupOf(services, ticket)}` : url
}

/** The database that a config var's value leads to, as programs on the host see it. */
export function databaseAt({addons}: Pick<Services, 'addons'>, url: string): AddonRecord {
  const found = addons.allAttachments().find(one => Object.values(addons.configVarsOf(one, 'host')).includes(url))
  if (found !== undefined) return addons.get(found.addonId)
  throw new PlatformError('invalid_params', 'Both must be databases of this hokku. pg:backups:restore takes a dump from anywhere.')
}
