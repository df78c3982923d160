import type {Engine} from '../../engine/engine.js'
import {parseProcfile} from '../../schema/procfile.js'
import type {BuildPlan, BuiltImage} from '../buildpacks/buildpack.js'
import type {Chosen} from './choose-buildpacks.js'
import type {CompiledSlug, CompileRequest} from './compile.js'
import type {BaseImages} from './dockerfile.js'
import type {BuildLimits} from './limits.js'
import {discovered} from './messages.js'
import {procfileOf} from './procfile-of.js'
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
  const procfile = parseProcfile(await procfileOf(built, files))
  const {defaultProcessTypes, languages, addons} = await released(built, files)
  for (const line of discovered(procfile, defaultProcessTypes)) onLine(line)
  const sizeBytes = await slugSize({engine, limits}, {image, stack: base.run}, onLine, signal)
  return {
    image,
    processTypes: {...defaultProcessTypes, ...procfile.processTypes},
    buildpackDescription: languages.join(', '),
    addons,
    buildpacks: chosen.map(({buildpack}) => buildpack.name),
    sizeBytes,
  }
}

/** Of several buildpacks the last one's defaults count. */
async function released({source, chosen}: Built, image: BuiltImage) {
  const last = chosen.length - 1
  const releases = await Promise.all(
    chosen.map(({buildpack, language}, at) => (at === last || language === undefined ? buildpack.release(source, image) : undefined)),
  )
  const languages = chosen.map(({buildpack, language}, at) => language ?? releases[at]?.language ?? buildpack.name)
  const {defaultProcessTypes = {}, addons = []} = releases[last] ?? {}
  return {defaultProcessTypes, addons, languages}
}
