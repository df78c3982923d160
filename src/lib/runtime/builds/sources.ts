import {createHash, randomBytes} from 'node:crypto'
import {createReadStream, createWriteStream, existsSync, writeFileSync} from 'node:fs'
import {mkdir, open, readdir, rename, rm, stat} from 'node:fs/promises'
import {join} from 'node:path'
import type {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {createGunzip} from 'node:zlib'
import {PlatformError} from '../../schema/errors.js'
import {fetchSource} from './fetch-source.js'

/** A checkout may be this large, in bytes, uncompressed (heroku-platform.md 5.1). */
export const sourceLimit = 1024 * 1024 * 1024
/** Uploads nobody built are removed after this, in ms. */
const uploadLifetime = 60 * 60 * 1000

interface SpoolOptions {
  checksum?: string | undefined
  signal?: AbortSignal
}

/** Source tarballs on their way to a build: uploads by secret id, and the plain tars that builds read. */
export class Sources {
  constructor(
    private readonly directory: string,
    private readonly limit = sourceLimit,
  ) {}

  /** Removes what an earlier runtime left; uploads that are still young stay. */
  async start(): Promise<void> {
    await mkdir(this.directory, {recursive: true, mode: 0o700})
    for (const name of await readdir(this.directory)) {
      const path = join(this.directory, name)
      const old = await stat(path).then(
        found => Date.now() - found.mtimeMs > uploadLifetime,
        () => false,
      )
      if (name.endsWith('.tar') || (name.endsWith('.upload') && old)) await rm(path, {force: true})
    }
  }

  /** Removes uploads that nobody has built; how many. */
  async collect(): Promise<number> {
    let removed = 0
    for (const name of await readdir(this.directory)) {
      if (!name.endsWith('.upload')) continue
      const path = join(this.directory, name)
      const found = await stat(path).catch(() => undefined)
      if (found === undefined || Date.now() - found.mtimeMs < uploadLifetime) continue
      await rm(path, {force: true})
      removed += 1
    }
    return removed
  }

  /** An id under which a tarball can be put and got; unguessable, so it needs no token. Ids that were not made here take nothing. */
  create(): string {
    const id = randomBytes(24).toString('hex')
    writeFileSync(this.upload(id), '', {mode: 0o600, flag: 'wx'})
    return id
  }

  /** What an upload that breaks off has left is no source. */
  async put(id: string, data: Readable): Promise<void> {
    const path = this.upload(id)
    if (!existsSync(path)) throw noSource()
    const partial = `${path}.${randomBytes(6).toString('hex')}.tar`
    try {
      await pipeline(limited(data, this.limit), createWriteStream(partial, {mode: 0o600}))
      await rename(partial, path)
    } finally {
      await rm(partial, {force: true})
    }
  }

  get(id: string): Readable {
    if (!existsSync(this.upload(id))) throw noSource()
    return createReadStream(this.upload(id))
  }

  /**
   * Writes a plain tar for a build from a stream that may be compressed. Returns its path; the caller removes it. Throws
   * invalid_params when it is too large, no tar, or not what `checksum` (`SHA256:` and hex) says of the stream.
   */
  async spool(id: string, data: Readable, {checksum, signal}: SpoolOptions = {}): Promise<string> {
    const path = join(this.directory, `${id}.tar`)
    try {
      await pipeline(limited(data, this.limit), createWriteStream(path, {mode: 0o600}), stopping(signal))
      if (checksum !== undefined) await verify(path, checksum)
      return (await formatOf(path)) === 'gzip' ? await this.unzip(path, signal) : path
    } catch (error) {
      await rm(path, {force: true})
      throw error
    }
  }

  /** The tarball behind a URL: one of ours by its id, else fetched. Throws invalid_params when it cannot be had. */
  async fetch(url: string, signal: AbortSignal): Promise<Readable> {
    const id = /\/sources\/([0-9a-f]{48})$/.exec(url)?.[1]
    if (id === undefined) return await fetchSource(url, signal)
    if (!((await stat(this.upload(id)).catch(() => undefined))?.size ?? 0))
      throw new PlatformError('invalid_params', 'The source was not uploaded: PUT the tarball to source_blob.put_url first.')
    return this.get(id)
  }

  async remove(path: string): Promise<void> {
    await rm(path, {force: true})
  }

  private async unzip(path: string, signal: AbortSignal | undefined): Promise<string> {
    const plain = path.replace(/\.tar$/, '.plain.tar')
    const packed = createReadStream(path)
    const unzipped = packed.pipe(createGunzip())
    packed.on('error', error => unzipped.destroy(error))
    try {
      await pipeline(limited(unzipped, this.limit), createWriteStream(plain, {mode: 0o600}), stopping(signal))
    } catch (cause) {
      await rm(plain, {force: true})
      if (cause instanceof PlatformError || signal?.aborted) throw cause
      throw new PlatformError('invalid_params', `The source is not a valid tar.gz archive: ${(cause as Error).message}`, {cause})
    } finally {
      packed.destroy()
      unzipped.destroy()
      await rm(path, {force: true})
    }
    return plain
  }

  private upload(id: string): string {
    if (!/^[0-9a-f]{48}$/.test(id)) throw noSource()
    return join(this.directory, `${id}.upload`)
  }
}

const noSource = (): PlatformError => new PlatformError('not_found', "Couldn't find that source.")

/**
 * Passes data through and fails beyond the limit (a bomb, or a repository that is too large). However it ends, what still comes is
 * thrown away and the source not destroyed: its sender listens for the answer once all is sent.
 */
async function* limited(source: Readable, limit: number): AsyncGenerator<Buffer> {
  let total = 0
  try {
    for await (const chunk of source.iterator({destroyOnReturn: false}) as AsyncIterable<Buffer>) {
      total += chunk.length
      if (total > limit)
        throw new PlatformError('invalid_params', 'The source is larger than 1 GB. Remove large files or list them in .slugignore.')
      yield chunk
    }
  } finally {
    source.resume()
  }
}

/** `pipeline`'s last argument. */
function stopping(signal: AbortSignal | undefined): {signal?: AbortSignal} {
  return signal === undefined ? {} : {signal}
}

async function verify(path: string, checksum: string): Promise<void> {
  const [, wanted = ''] = /^sha256:([0-9a-f]{64})$/i.exec(checksum) ?? []
  if (wanted === '') throw new PlatformError('invalid_params', `The checksum ${checksum} is none: write SHA256: and 64 hexadecimal digits.`)
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  const found = hash.digest('hex')
  if (wanted.toLowerCase() === found) return
  const said = `its checksum is SHA256:${found}, not ${checksum}`
  throw new PlatformError('invalid_params', `The source is not the one that was announced: ${said}.`)
}

const otherFormats: [string, number[]][] = [
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
]

/** By its first bytes. Throws invalid_params for the archives that Heroku does not take either. */
async function formatOf(path: string): Promise<'gzip' | 'tar'> {
  const file = await open(path, 'r')
  try {
    const start = Buffer.alloc(6)
    await file.read(start, 0, start.length, 0)
    const other = otherFormats.find(([, magic]) => start.subarray(0, magic.length).equals(Buffer.from(magic)))
    if (other !== undefined) throw new PlatformError('invalid_params', `The source is a ${other[0]} archive. Send a .tar.gz or a .tar.`)
    return start[0] === 0x1f && start[1] === 0x8b ? 'gzip' : 'tar'
  } finally {
    await file.close()
  }
}
