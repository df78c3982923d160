import type {Readable} from 'node:stream'

/** Sends a tar as the body of a request. Nobody but us ends the request of one that breaks off; its own error is what is thrown then. */
export async function whole(tar: Readable, send: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const broken = new AbortController()
  let failure: Error | undefined
  tar.once('error', error => {
    failure = error
    broken.abort()
  })
  try {
    await send(broken.signal)
  } catch (error) {
    throw failure ?? error
  }
  if (failure !== undefined) throw failure
}
