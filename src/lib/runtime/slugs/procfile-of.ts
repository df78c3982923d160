import type {BuildPlan, BuiltImage, Source} from '../buildpacks/buildpack.js'
import {isClassic} from './classic-chain.js'

/** The source's Procfile, unless the build writes one: a plan says so, a classic buildpack may while it runs. Empty when there is none. */
export async function procfileOf({source, plans}: {source: Source; plans: BuildPlan[]}, image: BuiltImage): Promise<string> {
  const own = await source.text('Procfile')
  const looks = isClassic(plans) || (own === undefined && plans.some(({procfile}) => procfile === 'of-image'))
  const built = looks ? await image.text('/app/Procfile') : undefined
  if (isClassic(plans)) return built ?? ''
  return own ?? built ?? plans.map(({files}) => files['Procfile']).findLast(text => text !== undefined) ?? ''
}
