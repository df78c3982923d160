import {runInNewContext} from 'node:vm'
import dockerignoreModule, {type Ignore} from '@balena/dockerignore'
import {RejectedSource} from '../../buildpacks/buildpack.js'
import {type ContextFile, placedTar} from '../context.js'
import type {TarSource} from '../source.js'

/** Its types describe an ES module, which it is not. */
const dockerignore = dockerignoreModule as unknown as (options?: {ignorecase?: boolean}) => Ignore

/** A folder of the source as the context of a build: without what its .dockerignore names, with generated files beside. */
export async function dockerContext(
  source: TarSource,
  {context, dockerfile}: {context: string; dockerfile: string},
  files: ContextFile[],
  patienceMs = 10_000,
): Promise<AsyncGenerator<Buffer>> {
  const ignored = await ignoredFiles(source, {context, dockerfile}, patienceMs)
  const generated = new Set(files.map(({path}) => path))
  return placedTar(source, files, path => {
    const inside = within(context, path)
    return inside === undefined || generated.has(inside) || ignored.has(inside) ? [] : [inside]
  })
}

/** The path below that folder; undefined when it is not in it. */
export function within(folder: string, path: string): string | undefined {
  if (folder === '') return path
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined
}

/** `worker.Dockerfile.dockerignore` beside the Dockerfile comes before the context's .dockerignore, as in BuildKit. */
async function ignoredFiles(
  source: TarSource,
  {context, dockerfile}: {context: string; dockerfile: string},
  patienceMs: number,
): Promise<ReadonlySet<string>> {
  const names = [`${dockerfile}.dockerignore`, context === '' ? '.dockerignore' : `${context}/.dockerignore`]
  for (const name of names) {
    const rules = await source.text(name)
    if (rules === undefined) continue
    const filter = dockerignore({ignorecase: false}).add(rules.replace(/^\uFEFF/, ''))
    const inside = source.paths.flatMap(path => within(context, path) ?? [])
    return new Set(inTime(() => inside.filter(path => filter.ignores(path)), name, patienceMs))
  }
  return new Set()
}

/** Patterns become regular expressions, which a name that is made for them keeps busy for ever: the runtime would answer nobody. */
function inTime(find: () => string[], name: string, patienceMs: number): string[] {
  try {
    return runInNewContext('find()', {find}, {timeout: patienceMs}) as string[]
  } catch (error) {
    if ((error as {code?: string}).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    throw new RejectedSource([`${name}: its patterns take too long. Write them with fewer wildcards.`])
  }
}
