import type {Socket} from 'node:net'

/** Silence after which a connection that has said nothing is closed, in ms. */
const patience = 60_000

/**
 * Calls `decide` with what a connection has sent so far until it answers, then puts those bytes back and calls `then` with the answer.
 * Connections that end, fail or stay silent before that are closed.
 */
export function onFirstBytes<T>(socket: Socket, decide: (head: Buffer) => T | undefined, then: (kind: T) => void): void {
  let head: Buffer = Buffer.alloc(0)
  const drop = (): void => void socket.destroy()
  const look = (): void => {
    const chunk = socket.read() as Buffer | null
    if (chunk === null) return
    head = Buffer.concat([head, chunk])
    const kind = decide(head)
    if (kind === undefined) return
    socket.off('readable', look).off('error', drop).off('end', drop).off('timeout', drop)
    socket.setTimeout(0)
    socket.unshift(head)
    then(kind)
  }
  socket.setTimeout(patience)
  socket.on('readable', look).on('error', drop).on('end', drop).on('timeout', drop)
}

/** A TLS connection begins with a handshake record. */
export function transportOf(head: Buffer): 'tls' | 'plain' {
  return head[0] === 0x16 ? 'tls' : 'plain'
}

const secretLine = /^([\w-]{16,64})\r\n/
const unfinished = /^[\w-]{0,64}\r?$/

/** Over TLS a client of a one-off dyno sends its secret as a line (Heroku's rendezvous); everything else is HTTP. */
export function protocolOf(head: Buffer): {rendezvous: string} | 'http' | undefined {
  const text = head.subarray(0, 70).toString('latin1')
  const secret = secretLine.exec(text)?.[1]
  if (secret !== undefined) return {rendezvous: secret}
  return unfinished.test(text) ? undefined : 'http'
}
