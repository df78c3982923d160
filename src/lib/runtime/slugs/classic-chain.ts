import {type BuildPlan, classicSource} from '../buildpacks/buildpack.js'
import {classicRelease} from '../buildpacks/classic/classic.js'
import {type BaseImages, owner, plannedFiles, type Render, stageOf} from './dockerfile.js'

/** Whether one of the plans is a classic buildpack's: then all run in order over the whole source. */
export function isClassic(plans: BuildPlan[]): boolean {
  return plans.some(plan => plan.classic !== undefined)
}

/** Without layers of their own for dependencies: what an earlier buildpack does may decide what a later one installs. */
export function inSequence(plans: BuildPlan[]): BuildPlan[] {
  if (!isClassic(plans)) return plans
  return plans.map(plan => {
    const {install, prune} = plan.dependencies ?? {}
    const steps = [...(install === undefined ? [] : [install]), ...plan.build, ...(prune === undefined ? [] : [prune])]
    return {...plan, dependencies: undefined, build: steps}
  })
}

/** A chain of stages, each step upon the one before; `until` says whether the slug comes last, or the built tree for what comes after. */
export function classicStages(plans: BuildPlan[], base: BaseImages, render: Render, until: 'slug' | 'tree'): string[] {
  const steps = plans.flatMap((plan, index) => plan.build.map((step, at) => ({plan, index, step, first: at === 0})))
  const links = plans.flatMap(plan => plan.toolchains.map(({name}) => `.heroku/${name}`))
  const stages: string[] = []
  let from = base.build
  let place = placeOf(steps[0]?.plan)
  let before = [`COPY ${owner} app/ ${place}/`]
  for (const {plan, index, step, first} of steps) {
    const here = placeOf(plan)
    const files = plan.classic?.files.length ?? 0
    const own = first && files > 0 ? [`COPY ${owner} buildpacks/${index + 1}/ ${plan.classic?.folder}/`] : []
    const prelude = [...exported(plans.slice(0, index)), ...(here === place ? [] : moved(place, here, links))]
    stages.push(render(index, plan, {...step, run: [...prelude, ...step.run]}, from, [...own, ...before]))
    from = stageOf(index, step)
    place = here
    before = []
  }
  return until === 'tree' ? stages : [...stages, finalStage(plans, base, from, place)]
}

function finalStage(plans: BuildPlan[], base: BaseImages, from: string, place: string): string {
  return [
    `FROM ${base.run}`,
    ...plannedFiles(plans),
    `COPY --from=${from} ${classicRelease.from}/ ${classicRelease.to}/`,
    `COPY --from=${from} ${owner} ${place}/ /app/`,
  ].join('\n')
}

function placeOf(plan: BuildPlan | undefined): string {
  return plan?.classic === undefined ? '/app' : classicSource
}

/** What the classic buildpacks before want in the environment of those after them. */
function exported(before: BuildPlan[]): string[] {
  return before.flatMap(({classic}) =>
    classic === undefined ? [] : [`if [ -r ${classic.folder}/export ]; then . ${classic.folder}/export; fi`],
  )
}

/** Classic buildpacks work on a folder of their own, ours where the app will run. Links to toolchains stay where they are. */
function moved(from: string, to: string, links: string[]): string[] {
  const kept = [...new Set(['.heroku', ...links])].map(link => `! -path ${to}/${link}`).join(' ')
  const excluded = links.map(link => `--exclude=./${link}`).join(' ')
  return [
    `if [ -L ${to} ]; then rm ${to}; fi`,
    `mkdir -p ${to}`,
    `find ${to} -mindepth 1 ${kept} -delete`,
    `tar -C ${from} ${excluded} -cf - . | tar -C ${to} -xf -`,
  ]
}
