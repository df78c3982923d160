import type {Duplex} from 'node:stream'
import {setTimeout as sleep} from 'node:timers/promises'
import {EngineError, type OutputChunk} from '../engine.js'
import type {DockerApi} from './api.js'
import {demultiplexer} from './demux.js'
import {inspect} from './inspect.js'

export type OnOutput = (chunk: OutputChunk | undefined) => void

/** Opens the output (and input) of a container, running or not yet. */
export function openAttach(api: DockerApi, id: string, stdin: 'stdin' | 'output only', signal?: AbortSignal): Promise<Duplex> {
  return api.hijack({
    method: 'POST',
    path: `/containers/${id}/attach`,
    query: {stream: 1, stdout: 1, stderr: 1, ...(stdin === 'stdin' && {stdin: 1})},
    doing: `attach to the container ${id}`,
    signal,
  })
}

/**
 * Reads to the end, whatever the receiver does: an attached stream that nobody reads blocks the dyno. When the
 * connection ends though the container goes on (Docker restarted, or its restart policy started it again), it
 * attaches anew. `onOutput(undefined)` comes once, unless the signal aborted.
 */
export function drain(api: DockerApi, id: string, first: Duplex, tty: 'tty' | 'pipes', onOutput: OnOutput, signal?: AbortSignal): void {
  const follow = async () => {
    let stream: Duplex | undefined = first
    while (stream !== undefined) {
      await readAll(stream, tty, onOutput, signal)
      stream = await reopened(api, id, signal)
    }
    if (signal?.aborted !== true) onOutput(undefined)
  }
  void follow()
}

function readAll(stream: Duplex, tty: 'tty' | 'pipes', onOutput: OnOutput, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    const stop = () => stream.destroy()
    const done = () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }
    stream.on('data', tty === 'tty' ? (data: Buffer) => onOutput({stream: 'stdout', data}) : demultiplexer(onOutput))
    stream.once('error', done)
    stream.once('end', done)
    stream.once('close', done)
    if (signal?.aborted === true) stop()
    signal?.addEventListener('abort', stop, {once: true})
  })
}

const soon = 50
const later = 500

/** The end of the output and the end of the container are two moments; a short while is left for the second. */
async function reopened(api: DockerApi, id: string, signal: AbortSignal | undefined): Promise<Duplex | undefined> {
  for (let tries = 0; signal?.aborted !== true; tries++) {
    try {
      const {State} = await inspect(api, id)
      if (!State.Running && !State.Restarting) return undefined
      if (State.Running && !State.Restarting && tries > 5) return await openAttach(api, id, 'output only', signal)
    } catch (error) {
      if (error instanceof EngineError && error.code === 'not_found') return undefined
    }
    await sleep(tries < 10 ? soon : later, undefined, {ref: false})
  }
  return undefined
}
