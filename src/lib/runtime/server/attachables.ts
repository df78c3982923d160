import {randomBytes} from 'node:crypto'
import type {IncomingMessage} from 'node:http'
import type {Socket} from 'node:net'
import {type Duplex, Transform} from 'node:stream'
import type {Attached} from '../dynos/dyno-manager.js'

/** How long a finished session's exit code can be asked for, in ms. */
const exitKept = 60_000

/**
 * Interactive sessions that a client of ours takes over by its secret: `GET /runtime/attach/SECRET` with
 * `Upgrade: hokku-attach`, then raw bytes both ways. One-off dynos come from the dyno manager, add-on consoles are offered here.
 */
export class Attachables {
  private readonly offered = new Map<string, Attached>()
  private readonly taken = new Map<string, Attached>()

  constructor(private readonly claimDyno: (secret: string) => Attached | undefined) {}

  /** A secret under which the session can be taken once. */
  offer(session: Attached): string {
    const secret = randomBytes(24).toString('hex')
    this.offered.set(secret, session)
    return secret
  }

  /** A session that was taken, for resizing and for its exit code. */
  session(secret: string): Attached | undefined {
    return this.taken.get(secret)
  }

  /** Answers the upgrade and joins socket and session. */
  take(request: IncomingMessage, socket: Socket, head: Buffer): boolean {
    const secret = /^\/runtime\/attach\/([\w-]+)$/.exec(request.url ?? '')?.[1]
    const session = secret === undefined ? undefined : this.claim(secret)
    if (secret === undefined || session === undefined) return false
    this.taken.set(secret, session)
    const forget = (): void => void setTimeout(() => this.taken.delete(secret), exitKept).unref()
    session.ended.then(forget, forget)
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: hokku-attach\r\n\r\n')
    join(session, socket, head)
    return true
  }

  /**
   * Joins the client of a rendezvous as Heroku's CLI has it. The client throws the first chunk away, whatever is in
   * it, so the answer goes out by itself.
   */
  meet(secret: string, socket: Socket): boolean {
    const session = this.claimDyno(secret)
    if (session === undefined) return false
    socket.read(secret.length + 2)
    socket.write('rendezvous\r\n', () => join(session, socket, Buffer.alloc(0), session.terminal === false ? [untilByte4()] : []))
    return true
  }

  private claim(secret: string): Attached | undefined {
    const offered = this.offered.get(secret)
    this.offered.delete(secret)
    return offered ?? this.claimDyno(secret)
  }
}

/**
 * Heroku's CLI tells the end of what was piped into it by a byte 4 in a chunk of its own. Where there is no terminal to understand
 * that, it becomes the end of stdin.
 */
function untilByte4(): Transform {
  let ended = false
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (!ended && chunk.length === 1 && chunk[0] === 4) {
        ended = true
        this.push(null)
      }
      done(null, ended ? undefined : chunk)
    },
  })
}

function join(session: Attached, socket: Socket, head: Buffer, through: Duplex[] = []): void {
  const {stream} = session
  socket.setTimeout(0)
  socket.setNoDelay(true)
  if (head.length > 0) stream.write(head)
  through.reduce<Duplex>((from, to) => from.pipe(to), socket).pipe(stream)
  stream.pipe(socket)
  stream.on('error', () => socket.destroy())
  // A stream that is let go of has no end that the pipe would pass on.
  stream.on('close', () => stream.readableEnded || socket.destroy())
  socket.on('error', () => stream.destroy())
  socket.on('close', () => stream.destroy())
}
