import type {Readable} from 'node:stream'
import {pack} from 'tar-stream'

/** A tar stream of a few small files. */
export function tarOf(files: Record<string, string>): Readable {
  const tar = pack()
  for (const [name, content] of Object.entries(files)) tar.entry({name}, content)
  tar.finalize()
  return tar
}
