import type {FileHandle} from 'node:fs/promises'
import {posix} from 'node:path'
import {RejectedSource, type Source} from '../buildpacks/buildpack.js'
import {firstFrom} from './first-from.js'
import type {TarEntry} from './tar-index.js'

/** Source that lies in a tar file and is never unpacked. */
export interface TarSource extends Source {
  /** In the tar's order, so that reading them all reads the file once from front to back. */
  readonly entries: readonly TarEntry[]
  read(entry: TarEntry): Promise<Buffer>
  readonly file: FileHandle
}

/** Bytes of a file that is read for what it says: more than any manifest or lockfile has. */
const longestText = 16 << 20

export function tarSource(file: FileHandle, entries: readonly TarEntry[]): TarSource {
  const byPath = new Map(entries.map(entry => [entry.path, entry]))
  const read = async (entry: TarEntry): Promise<Buffer> => {
    const bytes = Buffer.alloc(entry.size)
    await file.read(bytes, 0, entry.size, entry.offset)
    return bytes
  }
  const paths = [...byPath.keys()].sort()
  return {
    file,
    entries,
    read,
    paths,
    has: path => byPath.has(path),
    hasFolder: path => paths[firstFrom(paths, `${path}/`)]?.startsWith(`${path}/`) === true,
    async text(path) {
      const entry = byPath.get(linksFrom(path, byPath).at(-1) ?? path)
      if (entry === undefined || entry.type !== 'file') return undefined
      if (entry.size > longestText)
        throw new RejectedSource([`${path}: is larger than ${longestText >> 20} MB, and so no file that says how to build.`])
      return (await read(entry)).toString('utf8')
    },
  }
}

/** The paths to which a symlink leads, one after the other; none for what is no symlink. Links that lead in a circle end somewhere. */
export function linksFrom(path: string, byPath: ReadonlyMap<string, TarEntry>): string[] {
  const found: string[] = []
  for (let at = path; found.length < mostLinks; ) {
    const {link} = byPath.get(at) ?? {}
    if (link === undefined) break
    at = posix.normalize(link.startsWith('/app/') ? link.slice('/app/'.length) : posix.join(posix.dirname(at), link))
    found.push(at)
  }
  return found
}

const mostLinks = 40
