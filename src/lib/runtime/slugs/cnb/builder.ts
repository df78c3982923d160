import {z} from 'zod'
import type {Image} from '../../../engine/engine.js'
import {RejectedSource} from '../../buildpacks/buildpack.js'

/** Platform APIs that the build speaks, the best first. */
export const platformApis = ['0.15', '0.14', '0.13', '0.12', '0.11', '0.10', '0.9', '0.8', '0.7']

export const defaultBuilder = 'heroku/builder:24'

/** A buildpack's place in a group. */
export interface GroupEntry {
  id: string
  version?: string | undefined
  optional?: boolean | undefined
}

/** What an image says of itself as a builder of Cloud Native Buildpacks. */
export interface Builder {
  /** As the user or the default names it. */
  name: string
  /** The user that buildpacks run as. */
  uid: number
  gid: number
  /** The one that lifecycle and we both speak. */
  platformApi: string
  lifecycle: string
  /** Names of the image that apps run in, the first to be tried first. */
  runImages: string[]
  buildpacks: {id: string; version: string}[]
  /** Groups of buildpacks, tried one after the other. */
  order: GroupEntry[][]
}

const apis = z.object({supported: z.array(z.string()).nullish(), deprecated: z.array(z.string()).nullish()})
const runImage = z.object({image: z.string(), mirrors: z.array(z.string()).nullish()})
const metadata = z.object({
  buildpacks: z.array(z.object({id: z.string(), version: z.string()})).nullish(),
  stack: z.object({runImage: runImage.nullish()}).nullish(),
  images: z.array(runImage).nullish(),
  lifecycle: z.object({
    version: z.string().nullish(),
    api: z.object({platform: z.string()}).nullish(),
    apis: z.object({platform: apis}).nullish(),
  }),
})
const order = z.array(
  z.object({group: z.array(z.object({id: z.string(), version: z.string().optional(), optional: z.boolean().optional()}))}),
)

/** Reads an image's labels and variables. Throws RejectedSource, with what to do, for an image that is no builder or not for us. */
export function readBuilder(name: string, {labels, config}: Pick<Image, 'labels' | 'config'>): Builder {
  const said = labels['io.buildpacks.builder.metadata']
  if (said === undefined) throw noBuilder(name, 'it has no label io.buildpacks.builder.metadata')
  const {success, data} = metadata.safeParse(fromJson(said))
  if (!success) throw noBuilder(name, 'its label io.buildpacks.builder.metadata cannot be read')
  const [uid, gid] = [Number(config.env['CNB_USER_ID'] ?? Number.NaN), Number(config.env['CNB_GROUP_ID'] ?? Number.NaN)]
  if (!Number.isInteger(uid) || !Number.isInteger(gid)) throw noBuilder(name, 'it sets no CNB_USER_ID and CNB_GROUP_ID')
  const lifecycle = data.lifecycle.version ?? 'unknown'
  const {stack, images, buildpacks} = data
  const named = images != null && images.length > 0 ? images : stack?.runImage == null ? [] : [stack.runImage]
  const runImages = named.slice(0, 1).flatMap(({image, mirrors}) => [image, ...(mirrors ?? [])])
  if (runImages.length === 0) throw noBuilder(name, 'it names no run image')
  const groups = order.safeParse(fromJson(labels['io.buildpacks.buildpack.order'] ?? '[]'))
  return {
    name,
    uid,
    gid,
    platformApi: platformApi(name, lifecycle, data.lifecycle),
    lifecycle,
    runImages,
    buildpacks: buildpacks ?? [],
    order: groups.success ? groups.data.map(({group}) => group) : [],
  }
}

/** The newest of ours that it supports, else one that it has deprecated. */
function platformApi(name: string, version: string, {api, apis: listed}: z.infer<typeof metadata>['lifecycle']): string {
  const [supported, deprecated] = [listed?.platform.supported ?? (api == null ? [] : [api.platform]), listed?.platform.deprecated ?? []]
  const found = platformApis.find(one => supported.includes(one)) ?? platformApis.find(one => deprecated.includes(one))
  if (found !== undefined) return found
  throw new RejectedSource([
    `The builder ${name} has an unsupported platform API.`,
    `Its lifecycle ${version} speaks ${[...supported, ...deprecated].join(', ') || 'none'}; hokku speaks ${platformApis.at(-1)} to ${platformApis[0]}.`,
    'Use another version of the builder: builder under [io.buildpacks] in project.toml.',
  ])
}

function noBuilder(name: string, why: string): RejectedSource {
  return new RejectedSource([
    `${name} is no builder of Cloud Native Buildpacks: ${why}.`,
    'Name a builder, such as heroku/builder:24, under [io.buildpacks] in project.toml.',
  ])
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
