import {randomBytes} from 'node:crypto'
import {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {describe, expect, it} from 'vitest'
import {openStream, sealStream} from '../../../../src/lib/runtime/support/sealed-stream.js'

const key = randomBytes(32)
const mb = 1024 * 1024

async function through(data: Buffer, stream: NodeJS.ReadWriteStream, step = 64 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = []
  const parts = Array.from({length: Math.ceil(data.length / step)}, (_, at) => data.subarray(at * step, (at + 1) * step))
  await pipeline(Readable.from(parts), stream, async source => {
    for await (const chunk of source) chunks.push(chunk as Buffer)
  })
  return Buffer.concat(chunks)
}

const seal = (data: Buffer): Promise<Buffer> => through(data, sealStream(key, 'a backup'))
const open = (data: Buffer, purpose = 'a backup', step?: number): Promise<Buffer> => through(data, openStream(key, purpose), step)

describe('an encrypted stream', () => {
  // Around the ends of segments: the first has 40 bytes of header and 16 of tag, the others the tag.
  it.each([0, 1, mb - 57, mb - 56, mb - 55, 2 * mb - 72, 2 * mb - 71, 3 * mb + 12345])(
    'of %i bytes is the same in the clear again',
    async size => {
      const data = randomBytes(size)
      const sealed = await seal(data)
      expect(sealed.length).toBe(40 + size + 16 * Math.max(1, Math.ceil((size + 40) / (mb - 16))))
      expect((await open(sealed)).equals(data)).toBe(true)
      expect((await open(sealed, 'a backup', 999_983)).equals(data)).toBe(true)
    },
  )

  it('has nothing of the text in it, and is another one each time', async () => {
    const text = Buffer.from('a secret that is written down '.repeat(100))
    const [one, other] = [await seal(text), await seal(text)]
    expect(one.includes('secret')).toBe(false)
    expect(one.subarray(40).equals(other.subarray(40))).toBe(false)
  })

  it.each<[string, (sealed: Buffer) => Buffer]>([
    ['was cut at the end of a segment', sealed => sealed.subarray(0, 2 * mb)],
    ['was cut anywhere', sealed => sealed.subarray(0, sealed.length - 1)],
    ['was cut in its header', sealed => sealed.subarray(0, 20)],
    ['is empty', () => Buffer.alloc(0)],
    ['has one bit changed', sealed => flipped(sealed, mb + 5)],
    ['has a changed salt', sealed => flipped(sealed, 3)],
    [
      'has two segments swapped',
      sealed =>
        Buffer.concat([sealed.subarray(0, mb), sealed.subarray(2 * mb, 3 * mb), sealed.subarray(mb, 2 * mb), sealed.subarray(3 * mb)]),
    ],
    ['has something after it', sealed => Buffer.concat([sealed, Buffer.from('more')])],
  ])('is refused when it %s', async (_, change) => {
    const sealed = await seal(randomBytes(3 * mb + 100))
    await expect(open(change(sealed))).rejects.toThrow('An encrypted file is damaged, or was sealed with another key.')
  })

  it('is refused for another purpose and with another key', async () => {
    const sealed = await seal(randomBytes(10))
    await expect(open(sealed, 'another backup')).rejects.toThrow('damaged')
    await expect(through(sealed, openStream(randomBytes(32), 'a backup'))).rejects.toThrow('damaged')
  })
})

function flipped(sealed: Buffer, at: number): Buffer {
  const changed = Buffer.from(sealed)
  changed[at] = (changed[at] as number) ^ 1
  return changed
}
