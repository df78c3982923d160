import {EventEmitter, once} from 'node:events'
import {createWriteStream, type WriteStream} from 'node:fs'
import {mkdir, open, rm} from 'node:fs/promises'
import {dirname, join} from 'node:path'

/** Output of a build or a release command may not grow beyond this (heroku-platform.md 4); what comes later is dropped. */
const cap = 300 * 1024 * 1024
/** Outputs kept of an app's newest builds, and as many of its newest release commands; those before are empty. */
export const keptOutputs = 100

interface Open {
  file: WriteStream
  written: number
  changed: EventEmitter
}

/** Outputs of builds and release commands: files that can be followed while they are written, and read ever after. */
export class Outputs {
  private readonly open = new Map<string, Open>()
  private readonly announced = new Map<string, {begun: Promise<void>; begin: () => void}>()

  constructor(private readonly directory: string) {}

  /** Promises an output that will be started soon: whoever reads it before waits for it. */
  announce(id: string): void {
    let begin = (): void => undefined
    const begun = new Promise<void>(resolve => {
      begin = resolve
    })
    this.announced.set(id, {begun, begin})
  }

  /** Starts an output; what a killed runtime left of it is replaced. */
  async start(id: string): Promise<OutputWriter> {
    await mkdir(dirname(this.path(id)), {recursive: true})
    const state: Open = {file: createWriteStream(this.path(id), {flags: 'w', mode: 0o600}), written: 0, changed: new EventEmitter()}
    state.changed.setMaxListeners(0)
    state.file.on('error', () => undefined)
    this.open.set(id, state)
    this.announced.get(id)?.begin()
    this.announced.delete(id)
    return {
      write: data => this.append(state, Buffer.from(data)),
      end: async () => {
        state.file.end()
        await Promise.race([once(state.file, 'close'), once(state.file, 'error')]).catch(() => undefined)
        this.open.delete(id)
        state.changed.emit('changed')
      },
    }
  }

  /** Everything from the beginning, then what comes, until the output ends or the signal aborts. Unknown ids are empty. */
  async *read(id: string, signal: AbortSignal): AsyncIterable<Buffer> {
    let offset = 0
    await this.announced.get(id)?.begun
    while (!signal.aborted) {
      const state = this.open.get(id)
      const change = state === undefined ? undefined : once(state.changed, 'changed', {signal}).catch(() => undefined)
      for await (const chunk of this.slice(id, offset)) {
        offset += chunk.length
        yield chunk
      }
      if (state === undefined) return
      if (this.open.get(id) === state && state.written <= offset) await change
    }
  }

  async remove(id: string): Promise<void> {
    await rm(this.path(id), {force: true})
  }

  async removeAll(ids: string[]): Promise<void> {
    for (const id of ids) await this.remove(id)
  }

  private append(state: Open, data: Buffer): void {
    if (state.written + data.length > cap) return
    state.file.write(data, () => {
      state.written += data.length
      state.changed.emit('changed')
    })
  }

  private async *slice(id: string, offset: number): AsyncIterable<Buffer> {
    const file = await open(this.path(id), 'r').catch(() => undefined)
    if (file === undefined) return
    try {
      for (let at = offset; ; ) {
        const buffer = Buffer.allocUnsafe(64 * 1024)
        const {bytesRead} = await file.read(buffer, 0, buffer.length, at)
        if (bytesRead === 0) return
        at += bytesRead
        yield buffer.subarray(0, bytesRead)
      }
    } finally {
      await file.close()
    }
  }

  private path(id: string): string {
    return join(this.directory, `${id}.log`)
  }
}

export interface OutputWriter {
  write(data: string | Buffer): void
  end(): Promise<void>
}
