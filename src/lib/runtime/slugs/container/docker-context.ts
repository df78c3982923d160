import dockerignoreModule, {type Ignore} from '@balena/dockerignore'
import {type ContextFile, placedTar} from '../context.js'
import type {TarSource} from '../source.js'

/** Its types describe an ES module, which it is not. */
const dockerignore = dockerignoreModule as unknown as (options?: {ignorecase?: boolean}) => Ignore

/** A folder of the source as the context of a build: without what its .dockerignore names, with generated files beside. */
export async function dockerContext(
  source: TarSource,
  {context, dockerfile}: {context: string; dockerfile: string},
  files: ContextFile[],
): Promise<AsyncGenerator<Buffer>> {
  const ignored = await ignoring(source, context, dockerfile)
  const generated = new Set(files.map(({path}) => path))
  return placedTar(source, files, path => {
    const inside = within(context, path)
    return inside === undefined || generated.has(inside) || ignored(inside) ? [] : [inside]
  })
}

/** The path below that folder; undefined when it is not in it. */
export function within(folder: string, path: string): string | undefined {
  if (folder === '') return path
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined
}

/** `worker.Dockerfile.dockerignore` beside the Dockerfile comes before the context's .dockerignore, as in BuildKit. */
async function ignoring(source: TarSource, context: string, dockerfile: string): Promise<(path: string) => boolean> {
  const rules =
    (await source.text(`${dockerfile}.dockerignore`)) ?? (await source.text(context === '' ? '.dockerignore' : `${context}/.dockerignore`))
  if (rules === undefined) return () => false
  const filter = dockerignore({ignorecase: false}).add(rules.replace(/^\uFEFF/, ''))
  return path => filter.ignores(path)
}
