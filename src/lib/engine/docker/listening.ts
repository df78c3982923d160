import {connect} from 'node:net'
import type {Engine} from '../engine.js'

const patience = 1_000
const listenState = '0A'

type Answer = 'open' | 'closed' | 'unknown'

/** How long a look into a container may take, in ms: an engine that does not answer must not keep a dyno starting for ever. */
const longestLook = 15_000

/**
 * A connect from the host where the address routes; else, or when that says nothing, a look at the container's sockets, of `lookMs` at most:
 * what cannot be seen in time is not listening yet. Rejects as `exec` does.
 */
export async function isListening(
  exec: Engine['exec'],
  container: {id: string; address: string | undefined},
  port: number,
  routable: boolean,
  sockets: string[] = ['cat', '/proc/net/tcp', '/proc/net/tcp6'],
  lookMs = longestLook,
): Promise<boolean> {
  const answer = routable && container.address !== undefined ? await knock(container.address, port) : 'unknown'
  if (answer !== 'unknown') return answer === 'open'
  const stdout = await within(lookMs, signal => exec(container.id, sockets, {signal}).then(result => result.stdout))
  return stdout !== undefined && listensIn(stdout.toString('latin1'), port)
}

/** Undefined when that takes longer, though it may not heed the signal. Rejects as it does before. */
async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const late = AbortSignal.timeout(ms)
  const waited = new Promise<undefined>(resolve => late.addEventListener('abort', () => resolve(undefined), {once: true}))
  const done = work(late).catch(error => {
    if (late.aborted) return undefined
    throw error
  })
  return Promise.race([done, waited])
}

function knock(host: string, port: number): Promise<Answer> {
  return new Promise(resolve => {
    const socket = connect({host, port})
    const answer = (what: Answer) => {
      socket.destroy()
      resolve(what)
    }
    socket.setTimeout(patience, () => answer('unknown'))
    socket.once('connect', () => answer('open'))
    socket.once('error', (error: NodeJS.ErrnoException) => answer(error.code === 'ECONNREFUSED' ? 'closed' : 'unknown'))
  })
}

/** Reads `/proc/net/tcp`: the second column is `address:port` in hexadecimal, the fourth the state. */
export function listensIn(table: string, port: number): boolean {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  return table.split('\n').some(line => {
    const [, local, , state] = line.trim().split(/\s+/)
    return state === listenState && local?.split(':')[1] === wanted && !local.startsWith('0100007F:')
  })
}
