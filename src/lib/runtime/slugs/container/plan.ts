import {posix} from 'node:path'
import {type HerokuYml, parseHerokuYml, type ReadHerokuYml} from '../../../schema/heroku-yml.js'
import type {Source} from '../../buildpacks/buildpack.js'

/** An image to build, under the name of a process type. */
export interface ImagePlan {
  type: string
  /** Path in the source. */
  dockerfile: string
  /** Folder of the source that the build sees; empty = all of it. */
  context: string
  /** Stage to build; undefined = the last. */
  target: string | undefined
}

/** An image that exists, under the name of a process type. */
export interface NamedImage {
  type: string
  /** As the engine or a registry knows it. */
  image: string
}

/** What `container:push` asks for: images that are kept until a release takes them. */
export interface ContainerPush {
  images: (ImagePlan | NamedImage)[]
  /** Build args. */
  args: Record<string, string>
}

/** A process type, and what it runs in which of the images. */
export interface ProcessPlan {
  type: string
  /** Name of an ImagePlan. */
  image: string
  /** A line for `/bin/sh -c`; undefined = the image's own CMD. */
  command: string | undefined
}

/** What a container build will do. Plain data: the same source gives the same plan. */
export interface ContainerPlan {
  images: (ImagePlan | NamedImage)[]
  processes: ProcessPlan[]
  /** Build args: those of heroku.yml and no others. */
  args: Record<string, string>
  /** Printed before anything is built. */
  warnings: string[]
}

/** The source cannot be built on this stack; the lines are Heroku's where it has any. */
export class InvalidManifest extends Error {
  constructor(readonly lines: string[]) {
    super(lines.join('\n'))
    this.name = 'InvalidManifest'
  }
}

/**
 * Reads heroku.yml, or takes a Dockerfile that stands alone as `web: Dockerfile`. Throws InvalidManifest, with all that is wrong at
 * once, when there is neither or when heroku.yml cannot be followed.
 */
export async function containerPlan(source: Source): Promise<ContainerPlan> {
  const text = await source.text('heroku.yml')
  if (text === undefined && !source.has('Dockerfile')) throw new InvalidManifest(noManifest)
  if (text === undefined) return planOf({}, ['There is no heroku.yml: the Dockerfile is built as web. Heroku would refuse it.'])
  const read = parseHerokuYml(text)
  const problems = [...read.problems, ...missing(source, read)]
  if (problems.length > 0 || read.herokuYml === undefined)
    throw new InvalidManifest([invalid, ...problems.map(problem => `\t\t${problem}`)])
  return planOf(read.herokuYml, read.warnings)
}

/** The plan of a push: each image is its own process type, with its own CMD. Throws InvalidManifest for Dockerfiles that are not in the source. */
export function pushPlan(source: Source, {images, args}: ContainerPush): ContainerPlan {
  const lost = images.flatMap(image =>
    'dockerfile' in image && !source.has(image.dockerfile) ? [`There is no ${image.dockerfile} in the source.`] : [],
  )
  if (lost.length > 0) throw new InvalidManifest(lost)
  return {images, processes: images.map(({type}) => ({type, image: type, command: undefined})), args, warnings: []}
}

const noManifest = [
  'Your app does not include a heroku.yml build manifest. To deploy your app, either create a heroku.yml: https://devcenter.heroku.com/articles/build-docker-images-heroku-yml',
  "Or change your stack by running: 'hokku stack:set heroku-24'",
]
const invalid = 'Your heroku.yml manifest is invalid. Please correct the following issues:'

/** Dockerfiles that are not in the source. */
function missing(source: Source, {herokuYml, problem}: ReadHerokuYml): string[] {
  if (herokuYml === undefined) return []
  const docker = herokuYml.build?.docker ?? {}
  if (Object.keys(docker).length === 0)
    return source.has('Dockerfile') ? [] : [problem(['build'], 'names no Dockerfile under docker, and there is none at the root')]
  return Object.entries(docker).flatMap(([type, {dockerfile}]) =>
    source.has(posix.normalize(dockerfile)) ? [] : [problem(['build', 'docker', type], `there is no ${dockerfile} in the source`)],
  )
}

function planOf({build, release, run = {}}: HerokuYml, warnings: string[]): ContainerPlan {
  const named = Object.entries(build?.docker ?? {})
  const docker = named.length > 0 ? named : [['web', {dockerfile: 'Dockerfile', target: undefined}] as const]
  const images = docker.map(([type, {dockerfile, target}]) => imagePlan(type, dockerfile, target))
  const built = images.map(({type}) => type)
  const imageOf = (type: string, named: string | undefined): string => named ?? (built.includes(type) ? type : (built[0] as string))
  const commands: Record<string, {image?: string | undefined; command?: string[] | undefined}> = {
    ...run,
    ...(release !== undefined && {release}),
  }
  const types = [...new Set([...built, ...Object.keys(commands)])]
  return {
    images,
    processes: types.map(type => ({type, image: imageOf(type, commands[type]?.image), command: commands[type]?.command?.join(' && ')})),
    args: build?.config ?? {},
    warnings,
  }
}

function imagePlan(type: string, path: string, target: string | undefined): ImagePlan {
  const dockerfile = posix.normalize(path)
  const folder = posix.dirname(dockerfile)
  return {type, dockerfile, context: folder === '.' ? '' : folder, target}
}
