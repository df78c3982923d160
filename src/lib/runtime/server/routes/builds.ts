import type {Context} from 'hono'
import {z} from 'zod'
import {PlatformError} from '../../../schema/errors.js'
import type {Build} from '../../../schema/resources.js'
import type {AppRecord} from '../../apps/app-record.js'
import type {BuildRecord} from '../../builds/build-table.js'
import type {Branch} from '../../builds/builds.js'
import {movedBranch} from '../../git/branch.js'
import {isoSeconds} from '../../support/clock.js'
import {sameText} from '../../support/same-text.js'
import {body, requestBody} from '../body.js'
import {readRange, respond} from '../ranges.js'
import {outputUrl} from '../serialize/release.js'
import type {Api, ApiEnv, Services} from '../services.js'
import {streamBody} from '../streams.js'
import {streamKey} from '../token.js'

const createBody = z.object({
  source_blob: z.object({
    url: z.string(),
    version: z.string().nullish(),
    version_description: z.string().nullish(),
    checksum: z.string().nullish(),
  }),
  buildpacks: z.array(z.object({url: z.string().optional(), name: z.string().optional()})).nullish(),
})

/** Sources and builds. A tar as the request's body (git's hook) is built at once and answered with the build's output. */
export function buildRoutes(api: Api, services: Services): void {
  const {apps, builds, sources} = services

  api.post('/sources', c => {
    const url = `${services.addresses.api()}/sources/${sources.create()}`
    return c.json({source_blob: {get_url: url, put_url: url}}, 201)
  })
  api.post('/apps/:app/sources', c => {
    apps.resolve(c.req.param('app'))
    const url = `${services.addresses.api()}/sources/${sources.create()}`
    return c.json({source_blob: {get_url: url, put_url: url}}, 201)
  })
  api.put('/sources/:id', async c => {
    await sources.put(c.req.param('id'), requestBody(c))
    return c.body(null, 200)
  })
  api.get('/sources/:id', c => {
    const data = sources.get(c.req.param('id'))
    return new Response(streamBody(() => data))
  })

  api.post('/apps/:app/builds', async c => {
    const app = apps.resolve(c.req.param('app'))
    await services.engine.ping()
    const user = c.var.caller.email
    if (c.req.header('content-type') === 'application/x-tar') {
      const {build} = await builds.start(app, {source: {stream: requestBody(c)}, user, ...pushed(c, app, services)})
      return streamed(build, services)
    }
    const given = await body(c, createBody)
    const {build} = await builds.start(app, {source: {url: given.source_blob.url}, user, ...details(given)})
    return c.json(serializeBuild(build, services), 201)
  })

  api.get('/apps/:app/builds', c => {
    const range = readRange(c, 'created_at')
    const found = builds.page(apps.resolve(c.req.param('app')).id, {...range, from: moment(range.from)})
    const began = (build: BuildRecord): string => build.createdAt.toISOString()
    return respond(c, found.slice(0, range.max), found.length > range.max, range, began, build => serializeBuild(build, services))
  })
  api.get('/apps/:app/builds/:build', c =>
    c.json(serializeBuild(builds.get(apps.resolve(c.req.param('app')).id, c.req.param('build')), services)),
  )
  api.delete('/apps/:app/builds/:build', c => {
    const build = builds.get(apps.resolve(c.req.param('app')).id, c.req.param('build'))
    builds.cancel(build)
    return c.json(serializeBuild(build, services))
  })

  api.get('/streams/:stream', c => {
    const id = outputOf(c.req.param('stream'), services)
    return new Response(
      streamBody(signal => services.outputs.read(id, signal)),
      {headers: plain},
    )
  })
}

/** A time as clients write it, with seconds or ms, as the store has it. Throws range_not_satisfiable. */
function moment(given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const at = new Date(given)
  if (!Number.isNaN(at.getTime())) return at.toISOString()
  throw new PlatformError('range_not_satisfiable', `${given} in the range is no time. Example: created_at 2026-11-22T11:01:31Z..; max=10`)
}

/** The output that a stream's name opens. Throws not_found, whether the id or the key is wrong. */
function outputOf(stream: string, {token}: Services): string {
  const [, id = '', key = ''] = /^((?:release-)?[0-9a-f-]{36})-([0-9a-f]{32})$/.exec(stream) ?? []
  if (id === '' || !sameText(key, streamKey(token, id))) throw new PlatformError('not_found', "Couldn't find that stream.")
  return id
}

/** What git's hook tells beside the tar: the commit, and the branch that the push will move to it. */
function pushed(c: Context<ApiEnv>, app: AppRecord, {repositories}: Services): {version?: string; branch?: Branch} {
  const version = c.req.header('hokku-source-version')
  const ref = c.req.header('hokku-source-ref')
  const parent = c.req.header('hokku-source-parent')
  if (version === undefined || ref === undefined || parent === undefined) return version === undefined ? {} : {version}
  return {version, branch: movedBranch(repositories, app.id, {old: parent, commit: version, name: ref})}
}

const plain = {'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store'}

function streamed(build: BuildRecord, services: Services): Response {
  return new Response(
    streamBody(signal => services.outputs.read(build.id, signal)),
    {headers: {...plain, 'Hokku-Build-Id': build.id}},
  )
}

function details(given: z.infer<typeof createBody>): {version?: string; description?: string; checksum?: string; buildpacks?: string[]} {
  const {version, version_description: description, checksum} = given.source_blob
  const buildpacks = given.buildpacks?.map(one => one.url ?? one.name ?? '').filter(Boolean)
  return {
    ...(version ? {version} : {}),
    ...(description ? {description} : {}),
    ...(checksum ? {checksum} : {}),
    ...(buildpacks !== undefined && buildpacks.length > 0 ? {buildpacks} : {}),
  }
}

export function serializeBuild(build: BuildRecord, services: Services): Build {
  return {
    app: {id: build.appId},
    buildpacks: build.buildpacks?.map(url => ({url, name: url})) ?? null,
    created_at: isoSeconds(build.createdAt),
    id: build.id,
    labs: null,
    output_stream_url: outputUrl(services, build.id),
    source_blob: {
      checksum: build.sourceChecksum ?? null,
      url: build.sourceUrl,
      version: build.sourceVersion ?? null,
      version_description: build.sourceDescription ?? null,
    },
    release: build.releaseId === undefined ? null : {id: build.releaseId},
    slug: build.slugId === undefined ? null : {id: build.slugId},
    stack: build.stack,
    status: build.status,
    updated_at: isoSeconds(build.updatedAt),
    user: {id: services.account.id, email: build.userEmail},
  }
}
