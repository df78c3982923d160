import {connect} from 'node:net'
import type {Engine} from '../engine.js'

const patience = 1_000
const listenState = '0A'

type Answer = 'open' | 'closed' | 'unknown'

/** A connect from the host where the address routes; else, or when that says nothing, a look at the container's sockets. */
export async function isListening(
  exec: Engine['exec'],
  container: {id: string; address: string | undefined},
  port: number,
  routable: boolean,
  sockets: string[] = ['cat', '/proc/net/tcp', '/proc/net/tcp6'],
): Promise<boolean> {
  const answer = routable && container.address !== undefined ? await knock(container.address, port) : 'unknown'
  if (answer !== 'unknown') return answer === 'open'
  const {stdout} = await exec(container.id, sockets)
  return listensIn(stdout.toString('latin1'), port)
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
