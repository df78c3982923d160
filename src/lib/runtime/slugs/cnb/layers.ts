import {readToml, type TomlTable, tomlText} from '../../../schema/toml.js'
import {RejectedSource} from '../../buildpacks/buildpack.js'

/** A layer that a buildpack has made or left as it was. */
export interface Layer {
  /** Below /layers: `heroku_nodejs-engine/dist`. */
  path: string
  launch: boolean
  build: boolean
  cache: boolean
  /** Digest of its files; undefined when there are none, and those of the last build stay. */
  print: string | undefined
  /** Its metadata without the types, as the next build sees it. */
  restored: string
}

/** What the build has left, as `collectPlan` in build-stages.ts puts it together: texts by path. */
export type BuildResult = ReadonlyMap<string, string>

/**
 * The layers of all buildpacks that took part. Throws RejectedSource for metadata that cannot be read, for names that no Dockerfile could
 * write, and for a layer that is to be cached but is not there.
 */
export function layersOf(result: BuildResult): Layer[] {
  const prints = new Map(
    (result.get('folders') ?? '').split('\n').flatMap(line => {
      const [print, path] = line.split(/ (.*)/)
      return print && path ? [[path.replace(/\/$/, ''), print] as const] : []
    }),
  )
  const layers: Layer[] = []
  for (const [file, text] of result) {
    const path = /^(?!config\/)([^/]+\/[^/]+)\.toml$/.exec(file)?.[1]
    if (path === undefined || /\/(store|launch|build)$/.test(path)) continue
    layers.push(layerOf(path, text, prints.get(path)))
  }
  return layers.sort((a, b) => (a.path < b.path ? -1 : 1))
}

function layerOf(path: string, text: string, print: string | undefined): Layer {
  const table = readToml(text, `${path}.toml`)
  const types = (table['types'] ?? {}) as TomlTable
  const is = (type: string): boolean => types[type] === true
  const layer = {path, launch: is('launch'), build: is('build'), cache: is('cache'), print, restored: withoutTypes(table)}
  if ((layer.launch || layer.cache) && !/^[A-Za-z0-9_.@+-]+\/[A-Za-z0-9_.@+-]+$/.test(path))
    throw new RejectedSource([`The layer ${path} has a name that cannot be taken: letters, digits and _ . @ + - only.`])
  if (print === undefined && (layer.cache || (layer.launch && layer.build)))
    throw new RejectedSource([`The layer ${path} has no contents. Only one that is for launch alone can be left as it was.`])
  return layer
}

function withoutTypes({types: _, ...rest}: TomlTable): string {
  return tomlText(rest)
}

/** Of layers that only run, the next build sees the metadata; of cached ones all. What it builds with is made anew. */
export function kept({launch, build, cache}: Layer): 'all' | 'metadata' | 'nothing' {
  if (cache) return 'all'
  return launch && !build ? 'metadata' : 'nothing'
}

/** The `store.toml` of each buildpack, by path: it comes back as it is. */
export function stores(result: BuildResult): [path: string, text: string][] {
  return [...result].filter(([file]) => /^[^/]+\/store\.toml$/.test(file))
}
