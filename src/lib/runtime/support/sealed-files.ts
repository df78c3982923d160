import {createReadStream, createWriteStream} from 'node:fs'
import {mkdir, open, readdir, rename, rm, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {type Readable, Transform} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {openStream, sealStream} from './sealed-stream.js'

/** Large things, each in an encrypted file of its own under an id. A file is there whole or not at all. */
export class SealedFiles {
  constructor(
    private readonly directory: string,
    /** 32 bytes. */
    private readonly key: Buffer,
    /** `dump` in `ID.dump`. */
    private readonly extension: string,
  ) {}

  /**
   * Writes a file that does not count yet: `keep` makes it count, `remove` takes it away. `onBytes` is told how many bytes have gone
   * through, as they were before they were encrypted.
   */
  async write(id: string, content: Readable, {onBytes, signal}: {onBytes: (bytes: number) => void; signal: AbortSignal}): Promise<void> {
    await mkdir(this.directory, {recursive: true, mode: 0o700})
    const file = createWriteStream(this.partial(id), {mode: 0o600, flush: true})
    await pipeline(content, counted(onBytes), sealStream(this.key, id), file, {signal})
  }

  /** On disk when it resolves. */
  async keep(id: string): Promise<void> {
    await rename(this.partial(id), this.whole(id))
    const directory = await open(this.directory, 'r')
    await directory.sync().finally(() => directory.close())
  }

  /** In the clear. Ends with an error when the file is not there or not whole. */
  read(id: string): Readable {
    return this.opened(this.whole(id), id)
  }

  /** As `read`, of a file that does not count yet. */
  readPartial(id: string): Readable {
    return this.opened(this.partial(id), id)
  }

  /** Bytes on the disk. Throws when the file is not there. */
  async size(id: string): Promise<number> {
    return (await stat(this.whole(id))).size
  }

  async remove(id: string): Promise<void> {
    for (const path of [this.partial(id), this.whole(id)]) await rm(path, {force: true})
  }

  /** Removes all but the files of those ids, and what a kill left half written. */
  async sweep(known: ReadonlySet<string>): Promise<void> {
    const wanted = new Set([...known].map(id => `${id}.${this.extension}`))
    for (const name of await readdir(this.directory).catch(() => []))
      if (!wanted.has(name)) await rm(join(this.directory, name), {force: true})
  }

  private opened(path: string, id: string): Readable {
    const clear = openStream(this.key, id)
    void pipeline(createReadStream(path, {highWaterMark: 1024 * 1024}), clear).catch(error => clear.destroy(error as Error))
    return clear
  }

  private whole(id: string): string {
    return join(this.directory, `${id}.${this.extension}`)
  }

  private partial(id: string): string {
    return join(this.directory, `${id}.partial`)
  }
}

/** Tells how many bytes have gone through. */
export function counted(onBytes: (bytes: number) => void): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      onBytes(bytes)
      done(null, chunk)
    },
  })
}
