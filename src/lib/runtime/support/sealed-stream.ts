import {createCipheriv, createDecipheriv, hkdfSync, randomBytes} from 'node:crypto'
import {Transform, type TransformCallback} from 'node:stream'
import {PlatformError} from '../../schema/errors.js'

/** Bytes of a segment as it lies on disk, its tag included; the first one is shorter by the header. */
const segmentSize = 1024 * 1024
const tagSize = 16
const saltSize = 32
const prefixSize = 7
/** Its own length, salt, nonce prefix. */
const headerSize = 1 + saltSize + prefixSize

/**
 * Encrypts a stream of any length so that a cut, a swap or a change of it is noticed: Tink's streaming AEAD, AES256_GCM_HKDF_1MB
 * (developers.google.com/tink/streaming-aead/aes_gcm_hkdf_streaming), with `purpose` as associated data. `key`: 32 bytes.
 */
export function sealStream(key: Buffer, purpose: string): Transform {
  const salt = randomBytes(saltSize)
  const prefix = randomBytes(prefixSize)
  const derived = derive(key, salt, purpose)
  const segments = new Segments(segmentSize - tagSize, headerSize, (plain, nonce) => {
    const cipher = createCipheriv('aes-256-gcm', derived, nonce)
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  })
  segments.push(Buffer.concat([Buffer.of(headerSize), salt, prefix]))
  segments.begin(prefix)
  return segments
}

/** What `sealStream` made, in the clear again; ends with an error that says so when it is not whole. */
export function openStream(key: Buffer, purpose: string): Transform {
  let derived: Buffer | undefined
  return new Segments(
    segmentSize,
    headerSize,
    (sealed, nonce) => {
      if (derived === undefined || sealed.length < tagSize) throw damaged()
      const decipher = createDecipheriv('aes-256-gcm', derived, nonce)
      decipher.setAuthTag(sealed.subarray(sealed.length - tagSize))
      try {
        return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - tagSize)), decipher.final()])
      } catch {
        throw damaged()
      }
    },
    header => {
      if (header[0] !== headerSize) throw damaged()
      derived = derive(key, header.subarray(1, 1 + saltSize), purpose)
      return header.subarray(1 + saltSize)
    },
  )
}

function derive(key: Buffer, salt: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, Buffer.from(purpose), 32))
}

function damaged(): PlatformError {
  return new PlatformError('internal_server_error', 'An encrypted file is damaged, or was sealed with another key.')
}

/** Cuts a stream into segments of `size` bytes, the first one shorter by the header, and transforms each under a nonce of its own. */
class Segments extends Transform {
  private chunks: Buffer[] = []
  private length = 0
  private prefix: Buffer | undefined
  private count = 0

  /** `readHeader`: takes the header off the front and returns the nonce prefix. */
  constructor(
    private readonly size: number,
    private readonly header: number,
    private readonly work: (segment: Buffer, nonce: Buffer) => Buffer,
    private readonly readHeader?: (header: Buffer) => Buffer,
  ) {
    super()
  }

  begin(prefix: Buffer): void {
    this.prefix = prefix
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.chunks.push(chunk)
    this.length += chunk.length
    this.guarded(done, () => {
      if (this.prefix === undefined && this.length >= this.header) this.begin(this.readHeader?.(this.cut(this.header)) as Buffer)
      // One segment too many stays: only at the end is it known which is the last.
      while (this.prefix !== undefined && this.length > this.wanted()) this.push(this.one(this.cut(this.wanted()), false))
    })
  }

  override _flush(done: TransformCallback): void {
    this.guarded(done, () => {
      if (this.prefix === undefined) throw damaged()
      this.push(this.one(this.cut(this.length), true))
    })
  }

  private guarded(done: TransformCallback, work: () => void): void {
    try {
      work()
      done()
    } catch (error) {
      done(error as Error)
    }
  }

  private wanted(): number {
    return this.count === 0 ? this.size - this.header : this.size
  }

  private one(segment: Buffer, last: boolean): Buffer {
    const nonce = Buffer.alloc(prefixSize + 5)
    this.prefix?.copy(nonce)
    nonce.writeUInt32BE(this.count, prefixSize)
    nonce[prefixSize + 4] = last ? 1 : 0
    this.count += 1
    return this.work(segment, nonce)
  }

  private cut(bytes: number): Buffer {
    const all = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks)
    this.chunks = all.length === bytes ? [] : [all.subarray(bytes)]
    this.length = all.length - bytes
    return all.subarray(0, bytes)
  }
}
