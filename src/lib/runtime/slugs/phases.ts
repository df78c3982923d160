import type {BuildPlan} from '../buildpacks/buildpack.js'
import {buildImage, buildTree} from './build-image.js'
import {type Chosen, detected} from './choose-buildpacks.js'
import {createClients} from './clients.js'
import type {CompiledSlug, CompileRequest} from './compile.js'
import type {BaseImages} from './dockerfile.js'
import {finishedSlug} from './finished-slug.js'
import type {Workshop} from './slug-compiler.js'
import type {TarSource} from './source.js'

/** A build so far, and what is left of it. */
export interface Phase {
  /** The app as the buildpacks before have left it. */
  source: TarSource
  base: BaseImages
  done: Chosen[]
  left: Chosen[]
  /** Shell: what the `export` files of classic buildpacks before say. */
  exports: string
}

/**
 * Builds with the buildpacks that are left. One of ours looks at the source before anything runs, so what stands before it and may change
 * the source (a monorepo's buildpack moves the app to the root) is built first, and its result is the source of the rest.
 */
export async function compilePhase(shop: Workshop, request: CompileRequest, phase: Phase): Promise<CompiledSlug> {
  const {source, base, done, exports} = phase
  const {now, later} = nextPhase(phase.left)
  const chosen = await detected(now, source, request.onLine)
  const plans = await plansOf(shop, request, {source, chosen, base, done})
  if (later.length === 0) {
    const image = await buildImage(shop, request, {source, plans, base, exports})
    return await finishedSlug(shop, request, {source, chosen: [...done, ...chosen], plans, base, image})
  }
  await using tree = await buildTree(shop, request, {source, plans, base, exports})
  const known = chosen.map((one, index) => ({...one, language: one.language ?? tree.languages[index] ?? one.buildpack.name}))
  const rest = {base, source: tree.source, done: [...done, ...known], left: later, exports: exports + tree.exports}
  return await compilePhase(shop, request, rest)
}

/** Up to the first of ours that has a classic one before it. */
export function nextPhase(left: Chosen[]): {now: Chosen[]; later: Chosen[]} {
  const classic = left.findIndex(({kind}) => kind === 'classic')
  const end = classic === -1 ? -1 : left.findIndex(({kind}, index) => index > classic && kind === 'ours')
  return end === -1 ? {now: left, later: []} : {now: left.slice(0, end), later: left.slice(end)}
}

async function plansOf(
  shop: Workshop,
  {stack, configVars, onLine, signal}: CompileRequest,
  {source, chosen, base, done}: Pick<Phase, 'source' | 'base' | 'done'> & {chosen: Chosen[]},
): Promise<BuildPlan[]> {
  const {architecture} = await shop.engine.ping()
  const clients = createClients({...shop, directory: shop.answers}, async ({toolchain}) => {
    const {build} = await shop.toolchains.ensure(base, toolchain === undefined ? [] : [toolchain], onLine, signal)
    return build
  })
  const env = {stack, architecture, now: shop.clock.now(), configVars, packages: shop.packages, clients}
  const plans: BuildPlan[] = []
  for (const [index, {buildpack}] of chosen.entries()) {
    const before = [...done, ...chosen.slice(0, index)].map(one => one.name)
    plans.push(await buildpack.compile(source, {...env, before}))
  }
  return plans
}
