import {createHash, randomBytes} from 'node:crypto'
import {createReadStream, createWriteStream, existsSync, writeFileSync} from 'node:fs'
import {mkdir, open, readdir, rm, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {createGunzip} from 'node:zlib'
import {PlatformError} from '../../schema/errors.js'

/** A checkout may be this large, in bytes, uncompressed (heroku-platform.md 5.1). */
export const sourceLimit = 1024 * 1024 * 1024
/** Uploads nobody built are removed after this, in ms. */
const uploadLifetime = 60 * 60 * 1000

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

  /** An id under which a tarball can be put and got; unguessable, so it needs no token. Ids that were not made here take nothing. */
  create(): string {
    const id = randomBytes(24).toString('hex')
    writeFileSync(this.upload(id), '', {mode: 0o600, flag: 'wx'})
    return id
  }

  async put(id: string, data: Readable): Promise<void> {
    if (!existsSync(this.upload(id))) throw noSource()
    await pipeline(limited(data, this.limit), createWriteStream(this.upload(id), {mode: 0o600}))
  }

  get(id: string): Readable {
    if (!existsSync(this.upload(id))) throw noSource()
    return createReadStream(this.upload(id))
  }

  /**
   * Writes a plain tar for a build from a stream that may be compressed. Returns its path; the caller removes it. Throws
   * invalid_params when it is too large, damaged, or not what `checksum` (`SHA256:` and hex) says of the stream.
   */
  async spool(id: string, data: Readable, checksum?: string): Promise<string> {
    const path = join(this.directory, `${id}.tar`)
    try {
      await pipeline(limited(data, this.limit), createWriteStream(path, {mode: 0o600}))
      if (checksum !== undefined) await verify(path, checksum)
    } catch (error) {
      await rm(path, {force: true})
      throw error
    }
    return (await isGzip(path)) ? await this.unzip(path) : path
  }

  /** The tarball behind a URL: one of ours by its id, else fetched. Throws invalid_params when it cannot be had. */
  async fetch(url: string, signal: AbortSignal): Promise<Readable> {
    const ours = /\/sources\/([0-9a-f]{48})$/.exec(url)
    if (ours !== null) {
      const id = ours[1] as string
      if (!((await stat(this.upload(id)).catch(() => undefined))?.size ?? 0))
        throw new PlatformError('invalid_params', 'The source was not uploaded: PUT the tarball to source_blob.put_url first.')
      return this.get(id)
    }
    if (!/^https?:\/\//.test(url)) throw new PlatformError('invalid_params', `source_blob.url must be an http or https URL, not ${url}.`)
    const response = await fetch(url, {signal}).catch(cause => {
      throw new PlatformError('invalid_params', `The source at ${url} could not be fetched: ${(cause as Error).message}`, {cause})
    })
    if (!response.ok || response.body === null)
      throw new PlatformError('invalid_params', `The source at ${url} could not be fetched: HTTP ${response.status}.`)
    return Readable.fromWeb(response.body as import('node:stream/web').ReadableStream)
  }

  async remove(path: string): Promise<void> {
    await rm(path, {force: true})
  }

  private async unzip(path: string): Promise<string> {
    const plain = path.replace(/\.tar$/, '.plain.tar')
    const packed = createReadStream(path)
    const unzipped = packed.pipe(createGunzip())
    packed.on('error', error => unzipped.destroy(error))
    try {
      await pipeline(limited(unzipped, this.limit), createWriteStream(plain, {mode: 0o600}))
    } catch (cause) {
      await rm(plain, {force: true})
      if (cause instanceof PlatformError) throw cause
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

async function verify(path: string, checksum: string): Promise<void> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  const found = `SHA256:${hash.digest('hex')}`
  if (checksum.toLowerCase() !== found.toLowerCase())
    throw new PlatformError('invalid_params', `The source is not the one that was announced: its checksum is ${found}, not ${checksum}.`)
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const start = Buffer.alloc(2)
    await file.read(start, 0, 2, 0)
    return start[0] === 0x1f && start[1] === 0x8b
  } finally {
    await file.close()
  }
}
