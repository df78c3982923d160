import type {PackedFile} from '../buildpacks/buildpack.js'
import type {TarSource} from './source.js'
import {windowed} from './tar-index.js'
import {tarEnd, tarHeader, tarPadding} from './tar-write.js'

/** What goes to BuildKit beside the app's source. */
export type ContextFile = Omit<PackedFile, 'mode'> & {mode?: number}

/**
 * The build context, as a tar made while it is read: generated files first, a copy of what the dependency steps see under
 * `dependencies/<n>/`, the source under `app/`. Nothing is unpacked.
 */
export function contextTar(source: TarSource, files: ContextFile[], dependencies: ReadonlySet<string>[]): AsyncGenerator<Buffer> {
  return placedTar(source, files, path => [
    `app/${path}`,
    ...dependencies.flatMap((paths, index) => (paths.has(path) ? [`dependencies/${index}/${path}`] : [])),
  ])
}

/** A tar of generated files, then of each file of the source under the paths that `place` gives it: none, one or several. */
export async function* placedTar(source: TarSource, files: ContextFile[], place: (path: string) => string[]): AsyncGenerator<Buffer> {
  for (const file of files) yield whole({mode: 0o644, ...file})
  const read = windowed(source.file)
  let pending: Buffer[] = []
  let bytes = 0
  for (const entry of source.entries) {
    const places = place(entry.path)
    if (places.length === 0) continue
    // As git knows modes: the umask of whoever made the archive must not touch a layer.
    const mode = entry.mode & 0o100 ? 0o755 : 0o644
    const content = entry.size > 0 && entry.size <= largeBytes ? Buffer.from(await read(entry.offset, entry.size)) : Buffer.alloc(0)
    for (const path of places) {
      pending.push(tarHeader({path, mode, size: entry.size, modified: entry.modified, link: entry.link}))
      if (entry.size > largeBytes) {
        yield Buffer.concat(pending)
        pending = []
        yield* pieces(source, entry.offset, entry.size)
      }
      pending.push(content, tarPadding(entry.size))
    }
    bytes += content.length + 1024
    if (bytes < largeBytes) continue
    yield Buffer.concat(pending)
    pending = []
    bytes = 0
  }
  yield Buffer.concat([...pending, tarEnd])
}

const largeBytes = 1 << 20

function whole(file: PackedFile): Buffer {
  return Buffer.concat([
    tarHeader({path: file.path, mode: file.mode & 0o111 ? 0o755 : 0o644, size: file.content.length, link: file.link}),
    file.content,
    tarPadding(file.content.length),
  ])
}

async function* pieces(source: TarSource, offset: number, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; at += largeBytes) {
    const bytes = Buffer.allocUnsafe(Math.min(largeBytes, size - at))
    await source.file.read(bytes, 0, bytes.length, offset + at)
    yield bytes
  }
}
