import {randomUUID} from 'node:crypto'
import {Readable} from 'node:stream'
import type {BuildRequest, Image} from '../../../engine/engine.js'
import {label} from '../../../engine/labels.js'
import type {ProjectToml} from '../../../schema/project-toml.js'
import {tomlText} from '../../../schema/toml.js'
import {RejectedSource} from '../../buildpacks/buildpack.js'
import {addonHosts} from '../addon-hosts.js'
import {boundedBuild, guarded, stepShellSecret} from '../bounded-build.js'
import type {CompileRequest} from '../compile.js'
import {within} from '../container/docker-context.js'
import {type ContextFile, placedTar} from '../context.js'
import {quietBuild} from '../quiet-build.js'
import type {TarSource} from '../source.js'
import {allVars} from '../step-vars.js'
import {type AppImage, appFiles, appStages} from './app-stages.js'
import {type BuildMetadata, readBuildMetadata} from './build-metadata.js'
import {buildResult} from './build-result.js'
import {buildStage, buildStages, type Lifecycle, planStage, platformEnv, trustEnv, varsSecret} from './build-stages.js'
import type {Builder} from './builder.js'
import type {CnbShop} from './cnb-compiler.js'
import {type BuildResult, layersOf, stores} from './layers.js'
import type {OrderPlan} from './order.js'

export interface ToBuild {
  /** The source as it came, and without what project.toml leaves out. */
  whole: TarSource
  source: TarSource
  project: ProjectToml
  builder: Builder
  /** The builder's image, as the engine knows it. */
  image: string
  runImage: Image
  order: OrderPlan
}

/**
 * Has the engine run the lifecycle, looks at what that has made, and has it put into an image. These are two builds of one Dockerfile,
 * the second of which finds the first in BuildKit's cache: what the image is made of is known only then.
 */
export async function builtApp(
  shop: CnbShop,
  request: CompileRequest,
  toBuild: ToBuild,
): Promise<{image: string; metadata: BuildMetadata}> {
  const {engine, names, limits} = shop
  const {appName, onLine} = request
  const lifecycle = lifecycleOf(shop, request, toBuild)
  const stages = buildStages(lifecycle)
  const common = await commonRequest(shop, request, toBuild)
  const context = async (dockerfile: string, files: ContextFile[]) =>
    contextOf(toBuild, [...(await ownFiles(shop, toBuild)), ...files], guarded(dockerfile))
  const planned = await boundedBuild(
    engine,
    {
      ...common,
      context: await context(stages, []),
      target: planStage,
      tags: [],
      labels: common.labels('tree'),
      onProgress: verbatim(onLine),
    },
    limits,
  )
  const result = await buildResult(engine, planned).finally(() => engine.removeImage(planned))
  const app = await appImage(shop, request, toBuild, result)
  const tags = [names.slugTag(appName), names.keptSlugTag(appName, randomUUID().slice(0, 8))]
  const dockerfile = `${stages}\n${appStages(lifecycle, app)}`
  await quietBuild(engine, {...common, context: await context(dockerfile, appFiles(app)), tags, labels: common.labels('slug')}, onLine)
  const made = await engine.image(tags[1] as string)
  return {image: made?.id ?? '', metadata: app.metadata}
}

function lifecycleOf({trust}: CnbShop, {appId}: CompileRequest, {image, builder, order}: ToBuild): Lifecycle {
  return {image, builder, order, appId, mark: randomUUID(), trust: trust.ca === undefined ? 'none' : 'host-ca'}
}

async function commonRequest(shop: CnbShop, request: CompileRequest, {project}: ToBuild) {
  const {trust, root, limits} = shop
  const {appId, appName, configVars, sourceVersion, signal} = request
  const vars = {...trustEnv(trust.ca === undefined ? 'none' : 'host-ca'), ...project.env, ...allVars(configVars, sourceVersion)}
  return {
    args: trust.proxies,
    secrets: {
      [varsSecret]: Buffer.from(platformEnv(vars)),
      ...(trust.ca !== undefined && {ca: trust.ca}),
      ...(await stepShellSecret(root, limits)),
    },
    hosts: await addonHosts(shop, appId),
    signal,
    labels: (kind: 'tree' | 'slug') => ({[label.kind]: kind, [label.app]: appId, [label.appName]: appName}),
  }
}

/** The lifecycle and the buildpacks speak for themselves. */
function verbatim(onLine: (line: string) => void): BuildRequest['onProgress'] {
  return progress => {
    if (progress.type === 'output' && progress.name.startsWith(`[${buildStage} `))
      onLine(`       ${progress.line.split('\r').findLast(part => part !== '') ?? ''}`.trimEnd())
  }
}

/** The app's files under app/, buildpacks of the source under cnb/folders/. */
function contextOf({whole, source, order}: ToBuild, files: ContextFile[], dockerfile: string): Readable {
  const given = [{path: 'Dockerfile', content: Buffer.from(dockerfile)}, ...files]
  const place = (path: string): string[] => [
    ...(source.has(path) ? [`app/${path}`] : []),
    ...order.folders.flatMap(({folder}, index) => {
      const inside = within(folder, path)
      return inside === undefined ? [] : [`cnb/folders/${index}/${inside}`]
    }),
  ]
  return Readable.from(placedTar(whole, given, place), {objectMode: false})
}

async function ownFiles({engine}: CnbShop, {order, runImage, builder}: ToBuild): Promise<ContextFile[]> {
  const {architecture} = await engine.ping()
  const {labels} = runImage
  const [name, version] = [labels['io.buildpacks.base.distro.name'], labels['io.buildpacks.base.distro.version']]
  const distro = name === undefined || version === undefined ? {} : {distro: {name, version}}
  const target = {os: 'linux', arch: architecture === 'x64' ? 'amd64' : architecture, ...distro}
  const [image = ''] = builder.runImages
  return [
    {path: 'cnb/layers/analyzed.toml', content: Buffer.from(tomlText({'run-image': {reference: image, image, target}}))},
    ...(order.order === undefined ? [] : [{path: 'cnb/order.toml', content: Buffer.from(order.order)}]),
    ...order.files.map(file => ({...file, path: `cnb/buildpacks/${file.path}`})),
  ]
}

async function appImage(shop: CnbShop, {onLine}: CompileRequest, {runImage, builder}: ToBuild, result: BuildResult): Promise<AppImage> {
  const metadata = readBuildMetadata(result.get('config/metadata.toml') ?? '')
  if (metadata.extensions > 0)
    throw new RejectedSource([`${builder.name} would extend its images with Dockerfiles (image extensions): that cannot be done here.`])
  return {
    runImage: runImage.tags[0] ?? (builder.runImages[0] as string),
    path: runImage.config.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    dynoLauncher: await shop.launcher.ensure(onLine),
    metadata,
    layers: layersOf(result),
    stores: stores(result),
    sbom: /^\S+ sbom\/launch\/$/m.test(result.get('folders') ?? ''),
  }
}
