import {Readable} from 'node:stream'
import {label} from '../../engine/labels.js'
import type {BuildPlan} from '../buildpacks/buildpack.js'
import {addonHosts} from './addon-hosts.js'
import {boundedBuild, guarded} from './bounded-build.js'
import {buildOutput, indented} from './build-output.js'
import {inSequence} from './classic-chain.js'
import type {CompileRequest} from './compile.js'
import {contextTar} from './context.js'
import {type BaseImages, type StageInput, stepStages, toDockerfile, varsSecret} from './dockerfile.js'
import {trustSecrets} from './host-trust.js'
import {inContext} from './plan-context.js'
import type {Workshop} from './slug-compiler.js'
import type {TarSource} from './source.js'
import {shellExports, shellFiles, varsOf} from './step-vars.js'

interface ToBuild {
  source: TarSource
  plans: BuildPlan[]
  base: BaseImages
}

/** Has the engine carry out the plans; the image's id. Prints decisions, steps and warnings in the plans' order. */
export async function buildImage(shop: Workshop, request: CompileRequest, {source, plans: wanted, base}: ToBuild): Promise<string> {
  const plans = inSequence(wanted)
  const {onLine, signal, appId, appName} = request
  for (const {heading, lines} of plans.flatMap(plan => plan.decisions)) section(heading, lines, onLine)
  const toolchains = plans.flatMap(plan => plan.toolchains)
  const images = await shop.toolchains.ensure(base, toolchains, onLine, signal)
  const {inputs, secrets} = stepInputs(shop, request, plans)
  const {ca, proxies} = shop.trust
  const dockerfile = guarded(toDockerfile(inContext(plans, request), images, inputs, ca === undefined ? 'none' : 'host-ca'), shop.limits)
  const output = buildOutput(stepStages(plans), onLine)
  const started = shop.clock.now().getTime()
  try {
    const toBuild = {
      context: Readable.from(contextTar(source, generated(dockerfile, plans), dependencyPaths(plans)), {objectMode: false}),
      args: proxies,
      secrets: {...secrets, ...trustSecrets(shop.trust)},
      hosts: await addonHosts(shop, appId),
      tags: [shop.names.slugTag(appName)],
      labels: {[label.kind]: 'slug', [label.app]: appId, [label.appName]: appName},
      onProgress: output.onProgress,
      signal,
    }
    const image = await boundedBuild(shop.engine, toBuild, shop.limits)
    output.finish('succeeded')
    shop.log.debug('slug built', {app: appName, image, ms: shop.clock.now().getTime() - started})
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
  for (const warning of plans.flatMap(plan => plan.warnings)) onLine(` !     ${warning}`)
}

function stepInputs(shop: Workshop, request: CompileRequest, plans: BuildPlan[]) {
  const inputs: Record<string, StageInput> = {}
  const secrets: Record<string, Buffer> = {}
  for (const {stage, step} of stepStages(plans)) {
    const shell = step.vars === 'files' ? shellFiles : shellExports
    const exports = shell(varsOf(step, request.configVars, request.sourceVersion))
    inputs[stage] = {digest: exports === '' ? undefined : shop.seal.digest(exports).slice(0, 32)}
    if (exports !== '') secrets[varsSecret(stage)] = Buffer.from(exports)
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
    ...files.map(([path, text]) => ({path: `files/${path}`, content: Buffer.from(text)})),
  ]
}

function dependencyPaths(plans: BuildPlan[]): ReadonlySet<string>[] {
  return plans.map(plan => new Set(plan.dependencies?.files ?? []))
}
