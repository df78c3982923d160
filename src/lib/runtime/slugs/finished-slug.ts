import type {Engine} from '../../engine/engine.js'
import {type Procfile, parseProcfile} from '../../schema/procfile.js'
import type {BuildPlan, BuiltImage} from '../buildpacks/buildpack.js'
import type {Chosen} from './choose-buildpacks.js'
import {isClassic} from './classic-chain.js'
import type {CompiledSlug, CompileRequest} from './compile.js'
import type {BaseImages} from './dockerfile.js'
import type {BuildLimits} from './limits.js'
import {discovered} from './messages.js'
import {slugSize} from './slug-size.js'
import type {TarSource} from './source.js'

interface Built {
  /** As the last plans found it. */
  source: TarSource
  /** All of them, in order. */
  chosen: Chosen[]
  base: BaseImages
  plans: BuildPlan[]
  image: string
}

/** What an image that was built can run and how large it is; prints it as Heroku does. */
export async function finishedSlug(
  {engine, limits}: {engine: Engine; limits: BuildLimits},
  {onLine, signal}: CompileRequest,
  built: Built,
): Promise<CompiledSlug> {
  const {chosen, base, image} = built
  const files: BuiltImage = {text: async path => (await engine.imageFile(image, path))?.toString('utf8')}
  const procfile = await procfileOf(built, files)
  const {defaultProcessTypes, languages} = await released(built, files)
  for (const line of discovered(procfile, defaultProcessTypes)) onLine(line)
  const sizeBytes = await slugSize({engine, limits}, {image, stack: base.run}, onLine, signal)
  return {
    image,
    processTypes: {...defaultProcessTypes, ...procfile.processTypes},
    buildpackDescription: languages.join(', '),
    buildpacks: chosen.map(({buildpack}) => buildpack.name),
    sizeBytes,
    checksum: `SHA256:${image.replace(/^sha256:/, '')}`,
  }
}

/** The source's, unless a buildpack writes one: ours say so in their plans, a classic one may while it runs. */
async function procfileOf({source, plans}: Built, image: BuiltImage): Promise<Procfile> {
  if (isClassic(plans)) return parseProcfile((await image.text('/app/Procfile')) ?? '')
  const written = plans.map(plan => plan.files['Procfile']).findLast(text => text !== undefined)
  return parseProcfile((await source.text('Procfile')) ?? written ?? '')
}

/** Of several buildpacks the last one's defaults count. */
async function released({source, chosen}: Built, image: BuiltImage) {
  const last = chosen.length - 1
  const releases = await Promise.all(
    chosen.map(({buildpack, language}, at) => (at === last || language === undefined ? buildpack.release(source, image) : undefined)),
  )
  const languages = chosen.map(({buildpack, language}, at) => language ?? releases[at]?.language ?? buildpack.name)
  return {defaultProcessTypes: releases[last]?.defaultProcessTypes ?? {}, languages}
}
