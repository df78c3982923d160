import {once} from 'node:events'
import {setTimeout as sleep} from 'node:timers/promises'
import {findRuntime} from '../client/connect.js'
import type {LogSessionRequest} from '../client/log-sessions.js'
import type {Platform} from '../client/platform.js'
import {PlatformError} from '../schema/errors.js'

/** How long a tail waits for a runtime that restarts before it starts one, in milliseconds. */
export const tailPatience = 15_000

export interface LogFollower {
  platform: Platform
  app: string
  request: LogSessionRequest
  /** The runtime again, after the connection to it broke; undefined when nobody waits any more. */
  reconnect: () => Promise<Platform | undefined>
  print: (lines: string[]) => Promise<void>
  signal: AbortSignal
}

/**
 * Prints an app's log. A tail outlives restarts of the runtime and goes on after the last line it printed; it ends only when the signal
 * aborts or the app is gone, which throws not_found.
 */
export async function followLogs(follower: LogFollower): Promise<void> {
  let {platform} = follower
  let last: string | undefined
  for (;;) {
    const before = last
    const broken = await readSession(follower, platform, last, id => {
      last = id
    })
    if (follower.signal.aborted || !(broken || follower.request.tail)) return
    // A runtime that answers and ends at once must not be asked in a loop.
    if (last === before) await sleep(250, undefined, {signal: follower.signal}).catch(() => undefined)
    const again = await follower.reconnect()
    if (again === undefined) return
    platform = again
  }
}

/** Waits for a runtime that restarts, up to `patience` ms; then `start` brings up another. Undefined when aborted. */
export async function awaitRuntime(
  env: NodeJS.ProcessEnv,
  {signal, patience, start}: {signal: AbortSignal; patience: number; start: () => Promise<Platform>},
): Promise<Platform | undefined> {
  const deadline = Date.now() + patience
  while (Date.now() < deadline && !signal.aborted) {
    const found = await findRuntime(env)
    if (found !== undefined) return found
    await sleep(100, undefined, {signal}).catch(() => undefined)
  }
  return signal.aborted ? undefined : start()
}

/** Prints lines; waits while the reader of stdout is slow. */
export async function printLines(stdout: NodeJS.WritableStream, lines: string[], signal: AbortSignal): Promise<void> {
  if (lines.length > 0 && !stdout.write(`${lines.join('\n')}\n`)) await once(stdout, 'drain', {signal}).catch(() => undefined)
}

/** Answers whether the connection broke before the runtime had said all. */
async function readSession(
  follower: LogFollower,
  platform: Platform,
  after: string | undefined,
  seen: (id: string) => void,
): Promise<boolean> {
  const {app, request, signal} = follower
  try {
    const session = await platform.logSessions.create(app, request)
    for await (const events of platform.logSessions.read(session, {signal, ...(after === undefined ? {} : {after})})) {
      await follower.print(events.map(event => event.data))
      const id = events.at(-1)?.id
      if (id !== undefined) seen(id)
    }
    return false
  } catch (error) {
    if (signal.aborted || isBroken(error)) return true
    throw error
  }
}

function isBroken(error: unknown): boolean {
  if (error instanceof PlatformError) return error.id === 'service_unavailable'
  return ['ECONNRESET', 'ECONNREFUSED', 'ENOENT', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  )
}
