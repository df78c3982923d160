import {type BuildPlan, type BuildStep, type Dependencies, RejectedSource} from '../buildpacks/buildpack.js'
import {shellMount, stepShell} from './bounded-build.js'
import {classicStages, isClassic} from './classic-chain.js'
import {inPlace, installedInPlace, tools} from './own-layer.js'

/** The images everything starts from: with the toolchains of the plans in them. */
export interface BaseImages {
  run: string
  build: string
}

export interface StageInput {
  /** Keyed digest of the config vars the step sees: a changed var runs it again. Undefined when it sees none. */
  digest: string | undefined
}

/** A step and the stage of the Dockerfile that runs it, in the order people read. */
export interface StepStage {
  stage: string
  step: BuildStep
}

/** Dyno user in every stack image. */
export const owner = '--chown=1000:1000'
export const outside = '/run/hokku'

/** Stages by step. BuildKit's progress names the stage, so a line of output finds its heading. */
export function stepStages(plans: BuildPlan[]): StepStage[] {
  return plans.flatMap((plan, index) => {
    const prune = plan.dependencies?.prune
    const steps = [...(plan.dependencies ? [plan.dependencies.install] : []), ...plan.build, ...(prune ? [prune] : [])]
    return steps.map(step => ({stage: stageOf(index, step), step}))
  })
}

/** Secret ids: `vars-<stage>` holds the step's config vars as shell, `ca` the host's certificates. */
export function varsSecret(stage: string): string {
  return `vars-${stage}`
}

/**
 * The plans as a Dockerfile for a context made by `contextTar`. Dependencies are stages that see their few files only, code comes
 * last, and nothing runs after it: a change of code is one COPY. With classic buildpacks it is a chain, which may end before the slug.
 */
export function toDockerfile(
  plans: BuildPlan[],
  base: BaseImages,
  inputs: Record<string, StageInput>,
  trust: 'host-ca' | 'none',
  until: 'slug' | 'tree' = 'slug',
): string {
  const render = (index: number, plan: BuildPlan, step: BuildStep, from: string, before: string[]): string =>
    stage(stageOf(index, step), from, plan, [...before, run(plan, step, stageOf(index, step), {inputs, trust})])
  if (isClassic(plans)) return classicStages(plans, base, render, until).join('\n\n').concat('\n')
  const own = installedInPlace(plans)
  if (own !== undefined) return ownStages(plans, own, base, {inputs, trust}).join('\n\n').concat('\n')
  const stages: string[] = []
  for (const [index, plan] of plans.entries()) {
    const {dependencies} = plan
    if (dependencies === undefined) continue
    const {install, prune, folders} = dependencies
    const made = {...install, run: [...install.run, `mkdir -p ${folders.join(' ')}`]}
    // A later buildpack installs where the earlier ones have: Aptfile's libraries are there when pip compiles.
    const earlier = dependencyStages(plans.slice(0, index), 'install').flatMap(foldersOf)
    stages.push(render(index, plan, made, base.build, [...earlier, `COPY ${owner} dependencies/${index}/ /app/`]))
    if (prune !== undefined) stages.push(render(index, plan, prune, stageOf(index, install), []))
  }
  const last = buildStages(plans, base, render, stages)
  return [...stages, finalStage(plans, base, last)].join('\n\n').concat('\n')
}

/** Makes the stage of a step: `from` is the image or stage it begins with, `before` the instructions before its RUN. */
export type Render = (index: number, plan: BuildPlan, step: BuildStep, from: string, before: string[]) => string

/** Dependencies whose layer is the slug's. Their step's environment is not, so it is exported rather than the stage's. */
function ownStages(plans: BuildPlan[], index: number, base: BaseImages, given: Pick<Given, 'inputs' | 'trust'>): string[] {
  const plan = plans[index]!
  const {install, folders} = plan.dependencies!
  const name = stageOf(index, install)
  const {mounts, lines} = inPlace({...install, run: [...install.run, `mkdir -p ${folders.join(' ')}`]}, index, plans)
  const env = Object.entries(plan.env).map(([key, value]) => `export ${key}='${value.replace(/'/g, "'\\''")}'`)
  const instruction = run(plan, {...install, run: lines}, name, {...given, mounts, env})
  const files = plannedFiles(plans).length === 0 ? '' : 'files/ '
  return [
    `FROM ${base.build} AS ${tools}`,
    [`FROM ${base.run} AS ${name}`, stepShell, instruction].join('\n'),
    [`FROM ${name}`, `COPY ${owner} ${files}app/ /app/`].join('\n'),
  ]
}

/** The steps over the whole source, each a stage upon the one before. Returns the stage that holds the app, if any step builds it. */
function buildStages(plans: BuildPlan[], base: BaseImages, render: Render, stages: string[]): string | undefined {
  const building = plans.flatMap((plan, index) => plan.build.map(step => ({plan, index, step})))
  if (building.length === 0) return undefined
  const [first, ...others] = dependencyStages(plans, 'install')
  let from = first?.stage ?? base.build
  let before = [...others.flatMap(foldersOf), `COPY ${owner} app/ /app/`]
  for (const [position, {plan, index, step}] of building.entries()) {
    const marked = {...step, run: ['touch /tmp/source-is-here', ...step.run]}
    stages.push(render(index, plan, position === 0 ? marked : step, from, before))
    from = stageOf(index, step)
    before = []
  }
  const folders = plans.flatMap(plan => plan.dependencies?.folders ?? [])
  if (folders.length === 0) return from
  const links = plans.flatMap(plan => plan.toolchains.map(({name}) => `.heroku/${name}`))
  stages.push([`FROM ${from} AS output`, stepShell, `RUN ${collect(folders, links)}`].join('\n'))
  return 'output'
}

/** The app without what dependency stages made, and the files that the build changed in there (a generated client, say). */
function collect(folders: string[], links: string[]): string {
  const excluded = [...folders, ...links].map(folder => `--exclude=./${folder}`).join(' ')
  return [
    'mkdir /tmp/output',
    `tar -cf - ${excluded} . | tar -xf - -C /tmp/output`,
    `find ${folders.join(' ')} -cnewer /tmp/source-is-here '(' -type f -o -type l ')' -print0 | tar --null -cf - -T - | tar -xf - -C /tmp/output`,
  ].join('; ')
}

function finalStage(plans: BuildPlan[], base: BaseImages, last: string | undefined): string {
  const folders = dependencyStages(plans, 'prune').flatMap(foldersOf)
  const code =
    last === undefined ? `COPY ${owner} app/ /app/` : `COPY --from=${last} ${owner} ${last === 'output' ? '/tmp/output/' : '/app/'} /app/`
  return [`FROM ${base.run}`, ...plannedFiles(plans), ...folders, code].join('\n')
}

/** The files that plans add to the app; the source's own come over them. */
export function plannedFiles(plans: BuildPlan[]): string[] {
  return plans.some(({files}) => Object.keys(files).length > 0) ? [`COPY ${owner} files/ /app/`] : []
}

interface DependencyStage {
  stage: string
  dependencies: Dependencies
}

function dependencyStages(plans: BuildPlan[], until: 'install' | 'prune'): DependencyStage[] {
  return plans.flatMap(({dependencies}, index) =>
    dependencies === undefined
      ? []
      : [{stage: stageOf(index, (until === 'prune' && dependencies.prune) || dependencies.install), dependencies}],
  )
}

function foldersOf({stage: name, dependencies}: DependencyStage): string[] {
  return dependencies.folders.map(folder => `COPY --from=${name} ${owner} /app/${folder} /app/${folder}`)
}

function stage(name: string, from: string, plan: BuildPlan, instructions: string[]): string {
  const env = Object.entries(plan.env).map(([key, value]) => `ENV ${key}="${value.replace(/["\\$]/g, '\\$&')}"`)
  return [`FROM ${from} AS ${name}`, stepShell, ...env, ...instructions].join('\n')
}

/** BuildKit names a stage's steps by it. */
export function stageOf(index: number, step: BuildStep): string {
  return `b${index + 1}-${step.name}`
}

interface Given {
  inputs: Record<string, StageInput>
  trust: 'host-ca' | 'none'
  mounts?: string[]
  /** Shell lines that the config vars come over. */
  env?: string[]
}

/** What the host trusts and what the user configured exist while the command runs, and in no layer. */
function run(plan: BuildPlan, step: BuildStep, name: string, {inputs, trust, mounts: own = [], env = []}: Given): string {
  const digest = inputs[name]?.digest
  const mounts = [
    ...own,
    ...step.caches.map(cache => `--mount=type=cache,id=${cache.id},target=${cache.target},uid=1000,gid=1000`),
    ...(trust === 'host-ca' ? [secret('ca', 1000), ...keystore(plan)] : []),
    ...(digest === undefined ? [] : [secret(varsSecret(name), 1000)]),
  ]
  const lines = [
    ...env,
    ...(trust === 'host-ca' ? [trustingCa] : []),
    ...(digest === undefined ? [] : [`: ${digest}`, `. ${outside}/${varsSecret(name)}`]),
    ...Object.entries(step.env).map(([key, value]) => `export ${key}=${value}`),
    ...step.run,
  ]
  const instruction = `RUN ${[...mounts, lines.join('; ')].join(' ')}`
  if (Buffer.byteLength(instruction) <= longestLine) return instruction
  throw new RejectedSource([
    `The step "${step.heading.slice(0, 80)}" would be a command of more than 64 KB, which BuildKit does not take.`,
    'Shorten the list in the source that it is made of.',
  ])
}

/** Bytes of a line that BuildKit reads, without what `guarded` adds. */
const longestLine = 65_535 - shellMount.length - 1

/**
 * Clients that name their own setting for certificates. Neither npm's nor Yarn's: Node.js' is enough. With npm's every connection reads
 * all certificates again, 7 ms each time; Yarn 2 and later refuse names they do not know. Java reads no PEM: a plan's `keystore` is mounted instead.
 */
export const caVariables = [
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'GIT_SSL_CAINFO', 'CURL_CA_BUNDLE'],
  ...['PIP_CERT', 'REQUESTS_CA_BUNDLE', 'CARGO_HTTP_CAINFO'],
]

/** Shell that has clients take the secret `ca` for what they trust. */
export const trustingCa = `export ${caVariables.map(variable => `${variable}=${outside}/ca`).join(' ')}`

/** A RUN as root that trusts what the host trusts; the secret `ca` holds its certificates. */
export function withTrust(lines: string[], trust: {ca: unknown}): string {
  if (trust.ca === undefined) return `RUN ${lines.join('; ')}`
  return `RUN ${secret('ca', 0)} ${[trustingCa, ...lines].join('; ')}`
}

function keystore({keystore: path}: BuildPlan): string[] {
  return path === undefined ? [] : [secret('ca-java', 1000, path)]
}

function secret(id: string, uid: number, target = `${outside}/${id}`): string {
  return `--mount=type=secret,id=${id},target=${target},uid=${uid},gid=${uid},mode=0400`
}
