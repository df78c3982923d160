import {Duplex} from 'node:stream'

/**
 * Two ends of one connection: what is written to one is read from the other. Destroying one closes the other; one that is done, with
 * all written and all read, leaves the other to who reads it yet.
 */
export function pipePair(): [Duplex, Duplex] {
  const [a, b] = [new End(), new End()]
  a.other = b
  b.other = a
  return [a, b]
}

class End extends Duplex {
  other: End | undefined
  private written: (() => void) | undefined

  constructor() {
    super({allowHalfOpen: true})
  }

  override _read(): void {
    const written = this.written
    this.written = undefined
    written?.()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const {other} = this
    const taken = other === undefined || other.destroyed || chunk.length === 0 || other.push(chunk)
    if (taken) process.nextTick(done)
    else other.written = done
  }

  override _final(done: () => void): void {
    if (this.other?.destroyed === false) this.other.push(null)
    process.nextTick(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const {other} = this
    const isDone = this.readableEnded && this.writableFinished
    if (!isDone || error !== null) process.nextTick(() => other?.destroy())
    this._read()
    other?._read()
    done(error)
  }
}
