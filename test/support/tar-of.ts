import type {Readable} from 'node:stream'
import {pack} from 'tar-stream'

/** A tar stream of a few small files, the same whenever it is made. */
export function tarOf(files: Record<string, string>): Readable {
  const tar = pack()
  for (const [name, content] of Object.entries(files)) tar.entry({name, mtime: new Date(0)}, content)
  tar.finalize()
  return tar
}
