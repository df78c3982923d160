import {type FileHandle, open} from 'node:fs/promises'
import {setTimeout as sleep} from 'node:timers/promises'

/** No history goes back further than this. */
const historyBytes = 8 * 1024 * 1024

export interface FollowOptions {
  /** Lines of history. */
  lines: number
  tail: boolean
  signal: AbortSignal
}

/** The last lines of a file, then what is appended to it. A file that is not there yet is empty; one that got shorter is read anew. */
export async function* followFile(path: string, {lines, tail, signal}: FollowOptions): AsyncIterable<Buffer> {
  let at = 0
  const history = await withFile(path, async file => {
    const {size} = await file.stat()
    const end = await readFrom(file, Math.max(0, size - historyBytes))
    at = Math.max(0, size - historyBytes) + end.length
    return end.subarray(startOfLast(end, lines))
  })
  if (history && history.length > 0) yield history
  while (tail && !signal.aborted) {
    const more = await withFile(path, async file => {
      const {size} = await file.stat()
      if (size < at) at = 0
      const chunk = await readFrom(file, at)
      at += chunk.length
      return chunk
    })
    if (more && more.length > 0) yield more
    else await sleep(200, undefined, {signal}).catch(() => undefined)
  }
}

async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T | undefined> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  try {
    return file && (await work(file))
  } finally {
    await file?.close()
  }
}

async function readFrom(file: FileHandle, position: number): Promise<Buffer> {
  const {size} = await file.stat()
  const buffer = Buffer.alloc(Math.max(0, size - position))
  const {bytesRead} = await file.read(buffer, 0, buffer.length, position)
  return buffer.subarray(0, bytesRead)
}

/** Where the last so many lines begin. The newline that ends the last line does not start another one. */
function startOfLast(text: Buffer, lines: number): number {
  if (lines === 0) return text.length
  let at = text.at(-1) === 10 ? text.length - 1 : text.length
  for (let left = lines; left > 0; left -= 1) {
    if (at === 0) return 0
    at = text.lastIndexOf(10, at - 1)
    if (at < 0) return 0
  }
  return at + 1
}
