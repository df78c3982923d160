import {posix} from 'node:path'
import {Readable} from 'node:stream'
import {type BuildRequest, type Engine, EngineError, type Image} from '../../../engine/engine.js'
import {label} from '../../../engine/labels.js'
import type {Clock} from '../../support/clock.js'
import type {EngineNames} from '../../support/names.js'
import {boundedOutput} from '../bounded-build.js'
import type {HostTrust} from '../host-trust.js'
import type {BuildLimits} from '../limits.js'
import type {TarSource} from '../source.js'
import {filesTar} from '../tar-write.js'
import {dockerContext, within} from './docker-context.js'
import {dockerOutput} from './docker-output.js'
import type {Launcher} from './launcher.js'
import {type ImagePlan, InvalidManifest, type NamedImage} from './plan.js'
import {syntaxLine, withoutSyntaxLine} from './syntax-line.js'
import {launchableStage, launcherLayer, withLauncher} from './with-launcher.js'

export interface ContainerShop {
  engine: Engine
  clock: Clock
  names: EngineNames
  trust: HostTrust
  limits: BuildLimits
  launcher: Launcher
}

/** For whom images are built. */
export interface ImageRequest {
  appId: string
  appName: string
  onLine: (line: string) => void
  signal: AbortSignal
}

/** An image that dynos can run: the launcher is in it. Entrypoint and command are its own. */
export interface LaunchableImage {
  id: string
  tag: string
  entrypoint: string[]
  command: string[]
  sizeBytes: number
}

/** An image as its Dockerfile or somebody else made it, under a tag that is there until it is disposed of. */
export interface Made {
  tag: string
  /** Whether the launcher is in it already. */
  has: 'launcher' | 'no launcher'
  dispose(): Promise<void>
}

/** Has the engine build a Dockerfile of the source. */
export async function buildDockerfile(
  shop: ContainerShop,
  request: ImageRequest,
  source: TarSource,
  image: ImagePlan,
  args: Record<string, string>,
): Promise<Made> {
  const {engine, names, trust} = shop
  const text = (await source.text(image.dockerfile)) ?? ''
  // Outside of its context a Dockerfile has a name there that nothing else has.
  const dockerfile = within(image.context, image.dockerfile) ?? `.hokku-${posix.basename(image.dockerfile)}`
  const tag = names.imageTag(request.appName, image.type, 'built')
  const extended = withLauncher(text, image.target, await shop.launcher.ensure(request.onLine))
  const target = extended === undefined ? image.target : launchableStage
  const build = async (content: string): Promise<unknown> =>
    boundedOutput(
      engine,
      {
        context: Readable.from(await dockerContext(source, image, [{path: dockerfile, content: Buffer.from(content)}]), {
          objectMode: false,
        }),
        dockerfile,
        ...(target !== undefined && {target}),
        // BuildKit's: cache mounts of one app are not those of another, whatever their Dockerfiles call them.
        args: {...trust.proxies, ...args, BUILDKIT_CACHE_MOUNT_NS: request.appId},
        // Whoever asks for it by `--mount=type=secret,id=ca` gets it; nobody else notices.
        ...(trust.ca !== undefined && /\btype=secret\b/.test(text) && {secrets: {ca: trust.ca}}),
        ...common(request, tag),
        onProgress: dockerOutput(shop.clock, request.onLine),
      },
      shop.limits,
    )
  const content = extended ?? text
  await build(content).catch(error => withoutFrontend(error, content, request.onLine, build))
  return {tag, has: extended === undefined ? 'no launcher' : 'launcher', dispose: () => engine.removeImage(tag)}
}

/** An image by its name: the engine's own if it has one, else a registry's. Throws InvalidManifest when neither has it. */
export async function takeImage(
  {engine, names}: ContainerShop,
  {appName, onLine}: ImageRequest,
  {type, image: name}: NamedImage,
): Promise<Made> {
  const present = await engine.image(name)
  if (present === undefined) await pull(engine, name, onLine)
  const image = present ?? (await engine.image(name))
  if (image === undefined) throw new InvalidManifest([`There is no image ${name}.`])
  const kept = async (): Promise<void> => undefined
  const [tag] = image.tags
  if (tag !== undefined) return {tag, has: 'no launcher', dispose: kept}
  // By its id alone: taking the tag away again would remove the image.
  const own = names.imageTag(appName, type, 'built')
  await engine.tag(image.id, own)
  return {tag: own, has: 'no launcher', dispose: kept}
}

async function pull(engine: Engine, name: string, onLine: (line: string) => void): Promise<void> {
  try {
    await engine.pull(name, onLine)
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'pull_failed') throw error
    throw new InvalidManifest([`There is no image ${name} in the engine, and it could not be pulled:`, error.message])
  }
}

/**
 * A Dockerfile may ask for a frontend of its own, an image. Where no registry provides it, the engine's own frontend takes what it knows.
 */
async function withoutFrontend(
  error: unknown,
  dockerfile: string,
  onLine: (line: string) => void,
  build: (dockerfile: string) => Promise<unknown>,
): Promise<unknown> {
  const syntax = syntaxLine(dockerfile)
  const missed =
    error instanceof EngineError && error.code === 'build_failed' && /(resolve image config for|docker-image:\/\/)/.test(error.message)
  if (syntax === undefined || !missed || !error.message.includes(syntax)) throw error
  onLine('')
  onLine(` !     ${syntax} cannot be had from a registry: building without the Dockerfile's syntax line.`)
  onLine('')
  return await build(withoutSyntaxLine(dockerfile))
}

/** The image with the launcher in it, under the tag of its process type: one layer more, unless its build has put that there. */
export async function makeLaunchable(shop: ContainerShop, request: ImageRequest, type: string, made: Made): Promise<LaunchableImage> {
  const {engine, launcher, names} = shop
  const from = await engine.image(made.tag)
  if (from === undefined) throw new EngineError('not_found', `There is no image ${made.tag}.`)
  const tag = names.imageTag(request.appName, type, 'launchable')
  if (made.has === 'launcher') {
    await engine.tag(from.id, tag)
    return {id: from.id, tag, ...runs(from), sizeBytes: from.sizeBytes}
  }
  const dockerfile = launcherLayer(made.tag, await launcher.ensure(request.onLine))
  const id = await engine.build({
    context: Readable.from([filesTar([{path: 'Dockerfile', content: Buffer.from(dockerfile)}])]),
    ...common(request, tag),
    onProgress: () => undefined,
  })
  return {id, tag, ...runs(from), sizeBytes: from.sizeBytes}
}

function runs({config}: Image): Pick<LaunchableImage, 'entrypoint' | 'command'> {
  return {entrypoint: config.entrypoint, command: config.command}
}

function common({appId, appName, signal}: ImageRequest, tag: string): Pick<BuildRequest, 'tags' | 'labels' | 'signal'> {
  return {tags: [tag], labels: {[label.kind]: 'slug', [label.app]: appId, [label.appName]: appName}, signal}
}
