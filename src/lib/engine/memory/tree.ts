import type {Readable} from 'node:stream'
import {pack} from 'tar-stream'

/** Files by path as a tar, as Docker hands over what lies at a path: names begin with its last one. */
export function treeOf(path: string, files: [string, string][]): Readable {
  const tar = pack()
  for (const [name, text] of files) tar.entry({name: name.slice(path.lastIndexOf('/') + 1)}, text)
  tar.finalize()
  return tar as unknown as Readable
}
