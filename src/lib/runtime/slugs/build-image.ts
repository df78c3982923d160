import {randomUUID} from 'node:crypto'
import {Readable} from 'node:stream'
import {label} from '../../engine/labels.js'
import {type BuildPlan, classicSource} from '../buildpacks/buildpack.js'
import {addonHosts} from './addon-hosts.js'
import {boundedBuild, guarded, stepShellSecret} from './bounded-build.js'
import {buildOutput, indented} from './build-output.js'
import {carriedSource} from './carried-source.js'
import {inSequence} from './classic-chain.js'
import type {CompileRequest} from './compile.js'
import {contextTar} from './context.js'
import {type BaseImages, type StageInput, stepStages, toDockerfile, varsSecret} from './dockerfile.js'
import {trustSecrets} from './host-trust.js'
import {inContext} from './plan-context.js'
import type {Workshop} from './slug-compiler.js'
import {linksFrom, type TarSource} from './source.js'
import {shellExports, shellFiles, varsOf} from './step-vars.js'

export interface ToBuild {
  source: TarSource
  plans: BuildPlan[]
  base: BaseImages
  /** Shell that every step of ours begins with: what classic buildpacks of an earlier phase export. */
  exports: string
}

/** Has the engine carry out the plans; the slug's image id. Prints decisions, steps and warnings in the plans' order. */
export async function buildImage(shop: Workshop, request: CompileRequest, toBuild: ToBuild): Promise<string> {
  const {appName} = request
  const tags = [shop.names.slugTag(appName), shop.names.keptSlugTag(appName, randomUUID().slice(0, 8))]
  return await build(shop, request, toBuild, {until: 'slug', tags, kind: 'slug'})
}

/** The app as classic buildpacks leave it for what comes after them. */
export interface BuiltTree extends AsyncDisposable {
  source: TarSource
  exports: string
  /** What each of the plans' buildpacks detected. */
  languages: (string | undefined)[]
}

/** Has the engine carry out plans that do not end in a slug, and takes their result out of it. */
export async function buildTree(shop: Workshop, request: CompileRequest, toBuild: ToBuild): Promise<BuiltTree> {
  const {engine} = shop
  const image = await build(shop, request, toBuild, {until: 'tree', tags: [], kind: 'tree'})
  try {
    const text = async (path: string) => (await engine.imageFile(image, path))?.toString('utf8')
    const classic = toBuild.plans.map(plan => plan.classic)
    const exports = await Promise.all(classic.map(one => one && text(`${one.folder}/export`)))
    const languages = await Promise.all(classic.map(one => one && text(one.language)))
    const carried = await carriedSource(engine, image, `${request.sourceTar}.${randomUUID()}`)
    return {...carried, exports: exports.map(one => (one ? `${one}\n` : '')).join(''), languages: languages.map(one => one?.trim())}
  } finally {
    await engine.removeImage(image)
  }
}

interface Ending {
  until: 'slug' | 'tree'
  tags: string[]
  kind: string
}

async function build(shop: Workshop, request: CompileRequest, toBuild: ToBuild, {until, tags, kind}: Ending): Promise<string> {
  const {source, base} = toBuild
  const plans = inSequence(toBuild.plans)
  const {onLine, signal, appId, appName} = request
  for (const {heading, lines} of plans.flatMap(plan => plan.decisions)) section(heading, lines, onLine)
  const toolchains = plans.flatMap(plan => plan.toolchains)
  const images = await shop.toolchains.ensure(base, toolchains, onLine, signal)
  const {inputs, secrets} = stepInputs(shop, request, {...toBuild, plans})
  const {ca, proxies} = shop.trust
  const rendered = toDockerfile(inContext(plans, request), images, inputs, ca === undefined ? 'none' : 'host-ca', until)
  const dockerfile = guarded(rendered)
  const output = buildOutput(stepStages(plans), onLine)
  const started = shop.clock.now().getTime()
  try {
    const asked = {
      context: Readable.from(contextTar(source, generated(dockerfile, plans), dependencyPaths(plans, source)), {objectMode: false}),
      args: proxies,
      secrets: {...secrets, ...trustSecrets(shop.trust), ...(await stepShellSecret(shop.root, shop.limits))},
      hosts: await addonHosts(shop, appId),
      tags,
      labels: {[label.kind]: kind, [label.app]: appId, [label.appName]: appName},
      onProgress: output.onProgress,
      signal,
    }
    const image = await boundedBuild(shop.engine, asked, shop.limits)
    output.finish('succeeded')
    shop.log.debug(`${kind} built`, {app: appName, image, ms: shop.clock.now().getTime() - started})
    for (const {heading, lines} of plans.flatMap(plan => plan.closing)) section(heading, lines, onLine)
    warn(plans, onLine)
    return image
  } catch (error) {
    output.finish('failed')
    warn(plans, onLine)
    throw error
  }
}

function section(heading: string, lines: string[], onLine: (line: string) => void): void {
  onLine(`-----> ${heading}`)
  for (const line of lines) onLine(indented(line))
}

function warn(plans: BuildPlan[], onLine: (line: string) => void): void {
  for (const warning of plans.flatMap(plan => plan.warnings)) onLine(` !     ${warning}`.trimEnd())
}

/** Shell of each step: the exports of an earlier phase, then the config vars it sees. */
function stepInputs(shop: Workshop, request: CompileRequest, {plans, exports: carried}: ToBuild) {
  const inputs: Record<string, StageInput> = {}
  const secrets: Record<string, Buffer> = {}
  for (const {stage, step} of stepStages(plans)) {
    const vars = varsOf(step, request.configVars, request.sourceVersion)
    // They name the folder where classic buildpacks work; ours work where the app will run.
    const exports = carried === '' || step.vars === 'files' ? carried : `ln -sfn /app ${classicSource}\n${carried}`
    const shell = exports + (step.vars === 'files' ? shellFiles : shellExports)(vars)
    inputs[stage] = {digest: shell === '' ? undefined : shop.seal.digest(shell).slice(0, 32)}
    if (shell !== '') secrets[varsSecret(stage)] = Buffer.from(shell)
  }
  return {inputs, secrets}
}

function generated(dockerfile: string, plans: BuildPlan[]) {
  const files = Object.entries(Object.assign({}, ...plans.map(plan => plan.files)) as Record<string, string>)
  const classic = plans.flatMap((plan, index) =>
    (plan.classic?.files ?? []).map(file => ({...file, path: `buildpacks/${index + 1}/${file.path}`})),
  )
  return [
    ...classic,
    {path: 'Dockerfile', content: Buffer.from(dockerfile)},
    ...files.map(([path, text]) => ({path: `files/${path}`, content: Buffer.from(text), mode: text.startsWith('#!') ? 0o755 : 0o644})),
  ]
}

/** A file that is a symlink comes with what it leads to. */
function dependencyPaths(plans: BuildPlan[], {entries}: TarSource): ReadonlySet<string>[] {
  const byPath = new Map(entries.map(entry => [entry.path, entry]))
  return plans.map(({dependencies}) => new Set(dependencies?.files.flatMap(path => [path, ...linksFrom(path, byPath)])))
}
