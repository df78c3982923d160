import type {Readable} from 'node:stream'
import {extract} from 'tar-stream'
import {type PackedFile, RejectedSource} from '../buildpacks/buildpack.js'

/** Bytes of a buildpack's files together; all of them are held in memory. */
export const largestBuildpack = 200 << 20

/** The files and symlinks of a tar, sorted. Throws RejectedSource when a path leaves it or it is too large. */
export async function packedFiles(tar: Readable): Promise<PackedFile[]> {
  const unpack = extract()
  tar.on('error', error => unpack.destroy(error)).pipe(unpack)
  const files: PackedFile[] = []
  let bytes = 0
  for await (const entry of unpack) {
    const {name, type, mode = 0o644, linkname, size = 0} = entry.header
    const path = name.replace(/^\.\//, '')
    if (path.startsWith('/') || path.split('/').includes('..'))
      throw new RejectedSource([`The buildpack’s archive holds ${name}: refused.`])
    bytes += size
    if (bytes > largestBuildpack) throw new RejectedSource([`The buildpack has more than ${largestBuildpack >> 20} MB.`])
    const content = await contentOf(entry)
    if (type === 'file') files.push({path, content, mode: mode & 0o777})
    else if (type === 'symlink' && linkname) files.push({path, content: Buffer.alloc(0), mode: 0o777, link: linkname})
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function contentOf(entry: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of entry) parts.push(part)
  return Buffer.concat(parts)
}
