import {createWriteStream} from 'node:fs'
import {open, rm} from 'node:fs/promises'
import {pipeline} from 'node:stream/promises'
import {type Engine, EngineError} from '../../engine/engine.js'
import {classicSource} from '../buildpacks/buildpack.js'
import {type TarSource, tarSource} from './source.js'
import {indexTar, type TarEntry} from './tar-index.js'

/** What an image has where classic buildpacks work, as the source of what comes after them. `path` is a file for it, removed by disposal. */
export async function carriedSource(engine: Engine, image: string, path: string): Promise<AsyncDisposable & {source: TarSource}> {
  const there = await engine.imageTree(image, classicSource, async tar => {
    await pipeline(tar, createWriteStream(path, {mode: 0o600}))
    return true
  })
  if (there === undefined) throw new EngineError('build_failed', `The buildpack has left nothing in ${classicSource}.`)
  const file = await open(path)
  const dispose = async () => {
    await file.close()
    await rm(path, {force: true})
  }
  try {
    const source = tarSource(file, (await indexTar(file, 'built')).flatMap(belowRoot))
    return {source, [Symbol.asyncDispose]: dispose}
  } catch (error) {
    await dispose()
    throw error
  }
}

const root = `${classicSource.slice(classicSource.lastIndexOf('/') + 1)}/`

/** Without the folder's own name; a link to where it was built leads to where it will run. */
function belowRoot(entry: TarEntry): TarEntry[] {
  if (!entry.path.startsWith(root)) return []
  const link = entry.link?.startsWith(`${classicSource}/`) ? `/app/${entry.link.slice(classicSource.length + 1)}` : entry.link
  return [{...entry, path: entry.path.slice(root.length), link}]
}
