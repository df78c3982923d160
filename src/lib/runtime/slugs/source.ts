import type {FileHandle} from 'node:fs/promises'
import type {Source} from '../buildpacks/buildpack.js'
import type {TarEntry} from './tar-index.js'

/** Source that lies in a tar file and is never unpacked. */
export interface TarSource extends Source {
  /** In the tar's order, so that reading them all reads the file once from front to back. */
  readonly entries: readonly TarEntry[]
  read(entry: TarEntry): Promise<Buffer>
  readonly file: FileHandle
}

export function tarSource(file: FileHandle, entries: readonly TarEntry[]): TarSource {
  const byPath = new Map(entries.map(entry => [entry.path, entry]))
  const folders = new Set(entries.flatMap(entry => parents(entry.path)))
  const read = async (entry: TarEntry): Promise<Buffer> => {
    const bytes = Buffer.alloc(entry.size)
    await file.read(bytes, 0, entry.size, entry.offset)
    return bytes
  }
  return {
    file,
    entries,
    read,
    paths: [...byPath.keys()].sort(),
    has: path => byPath.has(path),
    hasFolder: path => folders.has(path),
    async text(path) {
      const entry = byPath.get(path)
      return entry === undefined || entry.type !== 'file' ? undefined : (await read(entry)).toString('utf8')
    },
  }
}

function parents(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}
