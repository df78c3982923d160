import {type FileHandle, open} from 'node:fs/promises'
import {EngineError, type Image} from '../../../engine/engine.js'
import {InvalidToml} from '../../../schema/toml.js'
import {RejectedSource} from '../../buildpacks/buildpack.js'
import {BuildFailure, type CompiledSlug, type CompileRequest, type SlugCompiler} from '../compile.js'
import type {ContainerShop} from '../container/image-builder.js'
import {healthChecksOf} from '../health-checks.js'
import type {ContainerProcesses} from '../slug-record.js'
import {slugSize} from '../slug-size.js'
import {tarSource} from '../source.js'
import {indexTar} from '../tar-index.js'
import {processPath} from './app-stages.js'
import {type Builder, readBuilder} from './builder.js'
import {builtApp} from './built-app.js'
import {foundImage} from './images.js'
import {orderPlan} from './order.js'
import {includedSource, projectOf} from './project.js'

/** Compiles with Cloud Native Buildpacks: those of a builder image, by the lifecycle that is in it. */
export function createCnbCompiler(shop: CnbShop): Pick<SlugCompiler, 'compile'> {
  return {
    async compile(request) {
      const file = await open(request.sourceTar)
      try {
        return await compile(shop, request, file)
      } catch (error) {
        throw failure(error, request)
      } finally {
        await file.close()
      }
    },
  }
}

export interface CnbShop extends ContainerShop {
  /** Root of the package: `stacks/` is in it. */
  root: string
  /** The builder of apps that name none. */
  builder: string
}

async function compile(shop: CnbShop, request: CompileRequest, file: FileHandle): Promise<CompiledSlug> {
  const {onLine, signal} = request
  onLine('-----> Building on the CNB stack')
  const whole = tarSource(file, await indexTar(file, request.layout))
  const project = await projectOf(whole)
  const healthChecks = await healthChecksOf(whole, onLine)
  const source = includedSource(whole, project)
  const name = project.builder ?? shop.builder
  onLine(`-----> Using builder ${name}`)
  const image = await foundImage(shop.engine, 'builder', [name], onLine)
  const builder = readBuilder(name, image)
  const order = await orderPlan(builder, project, request.buildpacks, whole)
  signal.throwIfAborted()
  const runImage = await foundImage(shop.engine, 'run', builder.runImages, onLine)
  const app = await builtApp(shop, request, {whole, source, project, builder, image: tagOf(image, name), runImage, order})
  return {...(await finished(shop, request, {builder, runImage, ...app})), healthChecks}
}

/** BuildKit takes an image by a name of the engine's, not by its id. */
export function tagOf(image: Image, name: string): string {
  return image.tags[0] ?? name
}

interface Finished extends Awaited<ReturnType<typeof builtApp>> {
  builder: Builder
  runImage: Image
}

async function finished(shop: CnbShop, {onLine, signal}: CompileRequest, built: Finished): Promise<CompiledSlug> {
  const {image, metadata, runImage} = built
  const types = Object.keys(metadata.processTypes)
  onLine('-----> Discovering process types')
  onLine(`       Buildpacks declare types -> ${types.join(', ') || '(none)'}`)
  if (metadata.defaultType !== undefined) onLine(`       Default process type     -> ${metadata.defaultType}`)
  onLine('')
  const sizeBytes = await slugSize(shop, {image, stack: runImage.id, folders: ['/layers', '/workspace']}, onLine, signal)
  const process = (type: string) => ({image, entrypoint: [processPath(type)], command: []})
  const container: ContainerProcesses = Object.fromEntries(types.map(type => [type, process(type)]))
  return {
    image,
    processTypes: metadata.processTypes,
    container,
    buildpackDescription: metadata.buildpacks.map(({id}) => id).join(', '),
    buildpacks: metadata.buildpacks.map(({id}) => id),
    sizeBytes,
  }
}

/** Exit statuses of the lifecycle (buildpacks.io, Platform API). */
const reasons: Record<number, string[]> = {
  20: [
    'No buildpack of the builder has detected this app.',
    'What each of them looked for is above; another builder can be named in project.toml.',
  ],
  21: ['No buildpack of the builder has detected this app, and at least one of them failed to look: see above.'],
  51: ['A buildpack failed to build this app: see above.'],
}

/** What the user can change has been printed by now; the rest goes up as it is, to be logged where it is handled. */
function failure(error: unknown, {onLine, signal}: CompileRequest): unknown {
  if (signal.aborted) return error
  const lines = explained(error)
  if (lines === undefined) return error
  onLine('')
  for (const line of [...lines, '', 'Push rejected, failed to compile with Cloud Native Buildpacks.']) onLine(` !     ${line}`.trimEnd())
  return new BuildFailure((error as Error).message)
}

function explained(error: unknown): string[] | undefined {
  if (error instanceof RejectedSource || error instanceof InvalidToml) return error.message.split('\n')
  if (!(error instanceof EngineError) || error.code !== 'build_failed') return undefined
  const {exitCode, message} = error
  if (exitCode === undefined) return [message]
  return reasons[exitCode] ?? [`A step of the build ended with exit status ${exitCode}.`]
}
