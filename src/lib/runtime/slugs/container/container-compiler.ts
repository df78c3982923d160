import {type FileHandle, open} from 'node:fs/promises'
import {EngineError} from '../../../engine/engine.js'
import type {ProcessTypes} from '../../../schema/resources.js'
import {RejectedSource} from '../../buildpacks/buildpack.js'
import {BuildFailure, type CompiledSlug, type CompileRequest, type SlugCompiler} from '../compile.js'
import {healthChecksOf} from '../health-checks.js'
import type {ContainerProcesses} from '../slug-record.js'
import {type TarSource, tarSource} from '../source.js'
import {indexTar} from '../tar-index.js'
import {
  buildDockerfile,
  type ContainerShop,
  type ImageRequest,
  type LaunchableImage,
  type Made,
  makeLaunchable,
  takeImage,
} from './image-builder.js'
import {type ContainerPlan, containerPlan, InvalidManifest, type ProcessPlan, pushPlan} from './plan.js'
import {shellLine} from './shell-words.js'

/** Compiles what the container stack takes: heroku.yml and its Dockerfiles. */
export function createContainerCompiler(shop: ContainerShop): Pick<SlugCompiler, 'compile'> {
  return {
    async compile(request) {
      if (request.push === undefined) request.onLine('=== Fetching app code')
      const file = await open(request.sourceTar)
      try {
        return await compile(shop, request, await sourceIn(file, request))
      } catch (error) {
        throw failure(error, request)
      } finally {
        await file.close()
      }
    },
  }
}

async function sourceIn(file: FileHandle, {layout}: CompileRequest): Promise<TarSource> {
  return tarSource(file, await indexTar(file, layout))
}

async function compile(shop: ContainerShop, request: CompileRequest, source: TarSource): Promise<CompiledSlug> {
  const plan = request.push === undefined ? await containerPlan(source) : pushPlan(source, request.push)
  for (const warning of plan.warnings) request.onLine(` !     ${warning}`)
  const healthChecks = await healthChecksOf(source, request.onLine)
  const images = await buildImages(shop, request, source, plan)
  const main = (images['web'] ?? Object.values(images)[0]) as LaunchableImage
  return {
    image: main.id,
    ...processesOf(plan.processes, images),
    buildpackDescription: undefined,
    buildpacks: [],
    sizeBytes: main.sizeBytes,
    healthChecks,
  }
}

/** First every image is built, then every one is made launchable: one that fails leaves the others as they were. */
export async function buildImages(
  shop: ContainerShop,
  request: ImageRequest,
  source: TarSource,
  {images, args}: Pick<ContainerPlan, 'images' | 'args'>,
): Promise<Record<string, LaunchableImage>> {
  const made: (Made & {type: string; origin: string})[] = []
  try {
    for (const image of images) {
      const origin = 'image' in image ? image.image : image.dockerfile
      request.onLine(`=== ${'image' in image ? 'Taking' : 'Building'} ${image.type} (${origin})`)
      const one = 'image' in image ? await takeImage(shop, request, image) : await buildDockerfile(shop, request, source, image, args)
      made.push({...one, type: image.type, origin})
    }
    const launchable: Record<string, LaunchableImage> = {}
    for (const one of made) {
      request.onLine(`=== Pushing ${one.type} (${one.origin})`)
      launchable[one.type] = await pushed(shop, request, one.type, one)
    }
    return launchable
  } finally {
    for (const one of made) await one.dispose().catch(() => undefined)
  }
}

async function pushed(shop: ContainerShop, request: ImageRequest, type: string, made: Made): Promise<LaunchableImage> {
  const image = await makeLaunchable(shop, request, type, made)
  request.onLine(`Tagged image "${image.id.replace(/^sha256:/, '').slice(0, 12)}" as "${image.tag}"`)
  return image
}

/** What runs where, and how that is shown. */
function processesOf(
  plans: ProcessPlan[],
  images: Record<string, LaunchableImage>,
): {processTypes: ProcessTypes; container: ContainerProcesses} {
  const processTypes: ProcessTypes = {}
  const container: ContainerProcesses = {}
  for (const {type, image: name, command} of plans) {
    const image = images[name] as LaunchableImage
    const {id, entrypoint} = image
    if (command === undefined && entrypoint.length + image.command.length === 0)
      throw new InvalidManifest([`${type} has nothing to run: give it a command under run, or its Dockerfile a CMD.`])
    container[type] = {image: id, entrypoint, command: command === undefined ? image.command : ['/bin/sh', '-c', command]}
    processTypes[type] = command ?? shellLine(image.command.length > 0 ? image.command : entrypoint)
  }
  return {processTypes, container}
}

/** What the user can change is printed in Heroku's words; the rest goes up as it is, to be logged where it is handled. */
function failure(error: unknown, {onLine, signal}: CompileRequest): unknown {
  if (signal.aborted) return error
  if (error instanceof InvalidManifest) for (const [index, line] of error.lines.entries()) onLine(index === 0 ? `=!= ${line}` : line)
  else if (error instanceof RejectedSource) for (const line of error.message.split('\n')) onLine(`=!= ${line}`)
  else if (error instanceof EngineError && error.code === 'build_failed')
    for (const line of ['', '=!= Build failed due to an error:', '', `=!= build step: ${reason(error)}`]) onLine(line)
  else return error
  return new BuildFailure(error.message)
}

/** Without BuildKit's layers of wrapping. */
function reason({exitCode, message}: EngineError): string {
  if (exitCode !== undefined) return `exit status ${exitCode}`
  return message
    .replace(/^The build failed(?: at \[internal\] load metadata for \S+| at .*?)?: /, '')
    .replace(/(failed to solve( with frontend [^:]+)?|failed to create LLB definition|rpc error: code = \w+ desc = [^:]*): /g, '')
}
