import {createHash} from 'node:crypto'
import {lstatSync, readdirSync, readFileSync, statSync} from 'node:fs'
import {join, sep} from 'node:path'
import {pack} from 'tar-stream'
import {type BuildProgress, type Engine, EngineError, type ImageRef} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'
import {type HostTrust, trustSecrets} from '../slugs/host-trust.js'
import {trustingDockerfile} from '../slugs/trusting-dockerfile.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import {abortable} from '../support/shared-work.js'
import type {CatalogueService} from './catalogue.js'

export interface AddonImages {
  /** The image of a service, built when this engine does not have it yet; at most one build of it at a time. */
  ensure(service: CatalogueService, signal: AbortSignal): Promise<ImageRef>
}

interface ImageDeps {
  engine: Engine
  log: RuntimeLog
  /** Makes the base image where no registry answers. */
  ensureBase?: (signal: AbortSignal) => Promise<unknown>
  /** What downloads of a build need of the host. */
  trust: () => Promise<HostTrust>
}

export function addonImages(deps: ImageDeps): AddonImages {
  const building = new Map<string, Promise<ImageRef>>()
  return {
    async ensure(service, signal) {
      const tag = imageTag(service)
      if ((await deps.engine.image(tag)) !== undefined) return tag
      const running = building.get(tag)
      if (running !== undefined) return await abortable(running, signal)
      // The build goes on when the add-on that asked first is destroyed: another one may wait for it too.
      const build = buildImage(deps, service, tag).finally(() => building.delete(tag))
      building.set(tag, build)
      return await abortable(build, signal)
    },
  }
}

/** Names what is in the folder, so that a changed Dockerfile means another image. */
export function imageTag(service: CatalogueService): ImageRef {
  const hash = createHash('sha256')
  for (const file of filesOf(service.image.folder)) hash.update(`${file.name}\0${file.mode}\0`).update(file.content).update('\0')
  return `hokku/addon-${service.image.service}:${hash.digest('hex').slice(0, 12)}`
}

async function buildImage(deps: ImageDeps, service: CatalogueService, tag: ImageRef): Promise<ImageRef> {
  const trust = await deps.trust()
  const context = pack()
  for (const {name, mode, content} of filesOf(service.image.folder))
    context.entry({name, mode}, name === 'Dockerfile' ? trustingDockerfile(content.toString('utf8'), trust) : content)
  context.finalize()
  await deps.ensureBase?.(AbortSignal.timeout(600_000))
  deps.log.info('building add-on image', {service: service.image.service, tag})
  const said = lastWords()
  const onProgress = (progress: BuildProgress): void => {
    note(deps.log, service, progress)
    said.hear(progress)
  }
  const request = {context, args: trust.proxies, secrets: trustSecrets(trust), tags: [tag], labels: {[label.kind]: 'addon'}, onProgress}
  await deps.engine.build(request).catch(error => {
    throw inItsWords(error, service, said.ofFailed())
  })
  return tag
}

/** What each step of a build said at last. */
function lastWords() {
  const lines = new Map<string, string[]>()
  let failed: string | undefined
  return {
    hear(progress: BuildProgress): void {
      const {type, vertex} = progress
      if (type === 'done' && progress.error !== undefined) failed ??= vertex
      const line = type === 'output' ? progress.line.trim() : ''
      if (line !== '') lines.set(vertex, [...(lines.get(vertex) ?? []), line].slice(-4))
    },
    ofFailed: (): string[] => lines.get(failed ?? '') ?? [],
  }
}

/** Whoever wrote the Dockerfile wants to know what its step said, more than what was put around it. */
function inItsWords(error: unknown, {image}: CatalogueService, said: string[]): unknown {
  if (!(error instanceof EngineError) || error.code !== 'build_failed' || said.length === 0) return error
  const how = error.exitCode === undefined ? '' : ` with exit code ${error.exitCode}`
  const message = `The image of ${image.service} could not be built. A step of its Dockerfile failed${how}: ${said.join(' | ')}`
  return new EngineError('build_failed', message, {cause: error})
}

function note(log: RuntimeLog, service: CatalogueService, progress: BuildProgress): void {
  if (progress.type === 'output') log.debug(progress.line, {service: service.image.service})
  else if (progress.type === 'done' && progress.error !== undefined)
    log.info(progress.error, {service: service.image.service, step: progress.name})
}

/** What the image is made of: not the manifest and the README, whose changes need no new image. */
function filesOf(folder: string): {name: string; mode: number; content: Buffer}[] {
  return readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .filter(name => name !== 'addon-manifest.json' && !name.endsWith('.md') && lstatSync(join(folder, name)).isFile())
    .sort()
    .map(name => {
      const file = join(folder, name)
      return {name: name.replaceAll(sep, '/'), mode: statSync(file).mode & 0o100 ? 0o755 : 0o644, content: readFileSync(file)}
    })
}
