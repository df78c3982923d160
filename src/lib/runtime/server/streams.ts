import type {Readable} from 'node:stream'

/** A response body from chunks; stops the source when the client goes away. */
export function streamBody(make: (signal: AbortSignal) => AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const gone = new AbortController()
  let chunks: AsyncIterator<Uint8Array> | undefined
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      chunks ??= make(gone.signal)[Symbol.asyncIterator]()
      const next = await chunks.next()
      if (next.done === true) controller.close()
      else controller.enqueue(next.value)
    },
    async cancel() {
      gone.abort()
      await chunks?.return?.()
    },
  })
}

/** Chunks of a process's output as a response body. */
export function readableBody(readable: Readable, stop: () => unknown): ReadableStream<Uint8Array> {
  return streamBody(signal => {
    signal.addEventListener('abort', stop, {once: true})
    return readable as AsyncIterable<Uint8Array>
  })
}
