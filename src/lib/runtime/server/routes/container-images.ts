import {posix} from 'node:path'
import {Readable} from 'node:stream'
import {z} from 'zod'
import type {ContainerPush} from '../../slugs/container/plan.js'
import {tarEnd} from '../../slugs/tar-write.js'
import {isoSeconds} from '../../support/clock.js'
import {body} from '../body.js'
import type {Api, Services} from '../services.js'
import {serializeBuild} from './builds.js'

const type = z.string().regex(/^[A-Za-z0-9_-]+$/, 'should be a process type')
const inside = z
  .string()
  .transform(path => posix.normalize(path).replace(/\/$/, ''))
  .refine(path => !path.startsWith('/') && path.split('/')[0] !== '..', 'should be a path in the source')
const dockerfile = z
  .object({type, dockerfile: inside, context: inside.optional(), target: z.string().optional()})
  .transform(({context = '.', target, ...rest}) => ({...rest, context: context === '.' ? '' : context, target}))
const existing = z.object({type, image: z.string().min(1)})

const pushBody = z.object({
  /** Needed for Dockerfiles. */
  source_blob: z.object({url: z.string()}).optional(),
  images: z.array(z.union([dockerfile, existing])).min(1, 'should name at least one'),
  args: z.record(z.string(), z.string()).optional(),
})

/** Ours, where Heroku has a registry: makes images and keeps the newest of each process type until a release takes it. */
export function containerImageRoutes(api: Api, services: Services): void {
  const {apps, builds, engine, pushedImages} = services

  api.get('/apps/:app/container-images', c =>
    c.json(
      pushedImages.list(apps.resolve(c.req.param('app')).id).map(({process, command, slug, ...image}) => ({
        type: image.type,
        docker_image: process.image,
        command,
        created_at: isoSeconds(slug.createdAt),
      })),
    ),
  )

  api.post('/apps/:app/container-images', async c => {
    const app = apps.resolve(c.req.param('app'))
    const {source_blob: source, images, args = {}} = await body(c, pushBody)
    await engine.ping()
    const push: ContainerPush = {images, args}
    const {build} = await builds.start(app, {source: source ?? {stream: Readable.from([tarEnd])}, push, user: c.var.caller.email})
    return c.json(serializeBuild(build, services), 201)
  })
}
