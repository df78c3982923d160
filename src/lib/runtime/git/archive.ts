import {spawn} from 'node:child_process'
import type {Readable} from 'node:stream'
import {type Checkout, placed} from './submodules.js'

const block = 512

/** One tar of several trees, made by git while it is read. Throws when git fails. */
export async function* archiveOf(checkouts: Checkout[]): AsyncGenerator<Buffer> {
  for (const checkout of checkouts) {
    const {commit, prefix} = checkout
    const args = ['archive', '--format=tar', ...(prefix === '' ? [] : [`--prefix=${prefix}`]), commit]
    const child = spawn('git', args, {stdio: ['ignore', 'pipe', 'inherit'], ...placed(checkout)})
    const code = new Promise<number | null>(resolve => child.on('close', resolve).on('error', () => resolve(null)))
    try {
      yield* withoutEnd(child.stdout)
      if ((await code) !== 0) throw new Error(`git could not archive ${commit}`)
    } finally {
      child.kill()
    }
  }
  yield Buffer.alloc(2 * block)
}

/** A tar up to the empty blocks at its end; they are read all the same, or git would fail for having no reader. */
async function* withoutEnd(tar: Readable): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  let content = 0
  let over = false
  for await (const chunk of tar as AsyncIterable<Buffer>) {
    if (over) continue
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (!over && data.length - at >= block) {
      const passing = Math.min(content, data.length - at)
      content -= passing
      at += passing
      if (content > 0 || data.length - at < block) break
      over = data[at] === 0
      if (over) break
      content = Math.ceil(Number.parseInt(data.toString('latin1', at + 124, at + 135), 8) / block) * block
      at += block
    }
    if (at > 0) yield data.subarray(0, at)
    rest = data.subarray(at)
  }
}
