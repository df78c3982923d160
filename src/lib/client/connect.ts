import {setTimeout as sleep} from 'node:timers/promises'
import {PlatformError} from '../schema/errors.js'
import {resolveHome} from '../schema/home.js'
import {distrust} from '../schema/private-directory.js'
import type {RuntimeStatus} from '../schema/runtime-status.js'
import {RuntimeUnavailable} from './errors.js'
import {launch} from './launch.js'
import {type Platform, platformOver} from './platform.js'
import {socketTransport, type Transport} from './transport.js'

export interface ConnectOptions {
  env: NodeJS.ProcessEnv
  /** Of this client; a runtime of another version is asked to leave and ours is started. */
  version: string
  /** Called before a runtime is started or replaced, which takes a moment. */
  onStart?: (reason: string) => void
  /** Told what the runtime says beside an answer. */
  onWarning?: (message: string) => void
}

/** Finds the runtime, starts it when there is none, replaces one of another version. */
export async function connect(options: ConnectOptions): Promise<Platform> {
  const home = resolveHome(options.env)
  const found = await findRuntime(options.env, options.onWarning)
  if (found?.status.version === options.version) return found
  if (found) {
    options.onStart?.(`Replacing runtime ${found.status.version} by ${options.version}`)
    await stopRuntime(found)
  } else options.onStart?.('Starting the runtime')
  await launch(home, options.env)
  const started = await findRuntime(options.env, options.onWarning)
  if (!started) throw new RuntimeUnavailable(`The runtime does not answer on ${home.socket}.`, {again: true, log: home.runtimeLog})
  return started
}

/** The runtime that serves now, of whatever version; undefined when there is none. Starts nothing. */
export async function findRuntime(env: NodeJS.ProcessEnv, onWarning?: ConnectOptions['onWarning']): Promise<Platform | undefined> {
  const home = resolveHome(env)
  const danger = distrust(home.socketDirectory)
  if (danger !== undefined)
    throw new PlatformError('conflict', `${danger}: what listens there is not your runtime. Remove it, or set XDG_RUNTIME_DIR.`)
  const transport = socketTransport(home.socket, onWarning)
  const status = await handshake(transport)
  return status && platformOver(transport, status, home)
}

/** Asks it to finish what it does and leave; resolves when it is gone. Dynos keep running. */
export async function stopRuntime({transport, status, home, runtime}: Platform): Promise<void> {
  await runtime.stop()
  const deadline = Date.now() + 60_000
  while ((await handshake(transport))?.pid === status.pid) {
    if (Date.now() > deadline)
      throw new RuntimeUnavailable(`The runtime (process ${status.pid}) does not stop.`, {again: true, log: home.runtimeLog})
    await sleep(25)
  }
}

async function handshake(transport: Transport): Promise<RuntimeStatus | undefined> {
  try {
    return await transport.call<RuntimeStatus>('GET', '/runtime')
  } catch (error) {
    // ECONNREFUSED: the socket file of a killed runtime. ECONNRESET: one that is just leaving.
    if (['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
