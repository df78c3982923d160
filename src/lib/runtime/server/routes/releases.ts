import {z} from 'zod'
import {PlatformError} from '../../../schema/errors.js'
import type {Release} from '../../../schema/resources.js'
import type {AppRecord} from '../../apps/app-record.js'
import type {ReleaseRecord} from '../../releases/release-record.js'
import type {Cut} from '../../releases/releases.js'
import {body} from '../body.js'
import {readRange, respond} from '../ranges.js'
import {serializeRelease} from '../serialize/release.js'
import type {Api, Services} from '../services.js'

const createBody = z.object({release: z.string().optional(), slug: z.string().optional(), description: z.string().optional()})

/** Releases: list, info, rollback, retry; and the streams of release commands and builds. */
export function releaseRoutes(api: Api, services: Services): void {
  const {apps, releases, releaseTable} = services
  const serialize = (release: ReleaseRecord, app: AppRecord): Release => serializeRelease(release, app, services)

  api.get('/apps/:app/releases', c => {
    const app = apps.resolve(c.req.param('app'))
    const range = readRange(c, 'version')
    const bound = range.from === undefined ? undefined : Number(range.from) + (range.exclusive ? (range.order === 'desc' ? -1 : 1) : 0)
    const bounds = bound === undefined ? {} : range.order === 'desc' ? {to: bound} : {from: bound}
    const found = releaseTable.list(app.id, {order: range.order, limit: range.max + 1, ...bounds})
    const shown = found.slice(0, range.max).map(release => serialize(release, app))
    return respond(c, shown, found.length > range.max, range, release => String(release.version))
  })

  api.get('/apps/:app/releases/:release', c => {
    const app = apps.resolve(c.req.param('app'))
    return c.json(serialize(findRelease(services, app, c.req.param('release')), app))
  })

  api.post('/apps/:app/releases', async c => {
    const app = apps.resolve(c.req.param('app'))
    const given = await body(c, createBody)
    const user = c.var.caller.email
    const cut =
      given.release === undefined
        ? await fromSlug(services, app, given, user)
        : await releases.rollback(app.id, findRelease(services, app, given.release), user)
    return c.json(serialize(cut.release, apps.resolve(app.id)), 201)
  })
}

/** By id, version, or `v12`. Throws not_found. */
export function findRelease(services: Services, app: AppRecord, wanted: string): ReleaseRecord {
  const version = /^v?(\d+)$/.exec(wanted)?.[1]
  const release = version === undefined ? services.releaseTable.get(wanted) : services.releaseTable.byVersion(app.id, Number(version))
  if (release === undefined || release.appId !== app.id)
    throw new PlatformError('not_found', "Couldn't find that release.", {resource: 'release'})
  return release
}

async function fromSlug(services: Services, app: AppRecord, given: {slug?: string; description?: string}, user: string): Promise<Cut> {
  const slug = given.slug === undefined ? undefined : services.slugs.get(given.slug)
  if (slug === undefined || slug.appId !== app.id)
    throw new PlatformError('invalid_params', 'Give the id of a release to roll back to, or of a slug of this app.')
  const description = given.description ?? `Deploy ${slug.commit?.slice(0, 8) ?? slug.id.slice(0, 8)}`
  return (await services.releases.cut(app.id, {description, user, slugId: slug.id})) as Cut
}
