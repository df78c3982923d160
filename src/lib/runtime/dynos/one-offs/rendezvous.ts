import {randomBytes} from 'node:crypto'
import type {Duplex} from 'node:stream'
import type {Session} from '../../../engine/engine.js'
import type {DynoContext} from '../context.js'
import type {Attached} from '../dyno-manager.js'
import {pipePair} from './pipe-pair.js'

/** How long a client may take to come, in ms; then R13. */
const patienceMs = 30_000
/** A connection on which nothing came or went for so long is closed, in ms (heroku-platform.md 1.3). */
const idleMs = 3_600_000

/** What happens at a rendezvous. */
export interface Meeting {
  /** Whether the process has a terminal. */
  terminal: boolean
  /** Starts the process for a client that has come. */
  open(): Promise<Session>
  /** Exit code of the process. */
  ended: Promise<number>
  /** No client came in time. */
  onNobody(): void
  /** The client went away before the process ended. */
  onLeft(session: Session): void
}

/** Where attached processes and their clients find each other, by secrets that work once. */
export class Rendezvous {
  private readonly waiting = new Map<string, Meeting>()

  constructor(private readonly context: Pick<DynoContext, 'clock' | 'signal'>) {}

  /** The secret that a client must bring within 30 s. */
  offer(meeting: Meeting): string {
    const secret = randomBytes(24).toString('base64url')
    this.waiting.set(secret, meeting)
    this.context.clock.sleep(patienceMs, this.context.signal).then(
      () => {
        if (this.waiting.delete(secret)) meeting.onNobody()
      },
      () => this.waiting.delete(secret),
    )
    return secret
  }

  claim(secret: string): Attached | undefined {
    const meeting = this.waiting.get(secret)
    if (meeting === undefined) return undefined
    this.waiting.delete(secret)
    return attached(meeting, this.context)
  }
}

function attached(meeting: Meeting, context: Pick<DynoContext, 'clock' | 'signal'>): Attached {
  const [client, far] = pipePair()
  const active = closeWhenIdle(client, context)
  const opened = meeting.open()
  let ended = false
  opened.then(
    session => {
      session.stream.once('end', () => {
        ended = true
      })
      join(far, session.stream, active)
    },
    () => {
      ended = true
      far.end()
    },
  )
  client.on('error', () => undefined)
  client.once('close', () => {
    opened.then(
      session => !ended && meeting.onLeft(session),
      () => undefined,
    )
  })
  return {stream: client, terminal: meeting.terminal, resize: async size => (await opened).resize(size), ended: meeting.ended}
}

/** Lets go of a client of whom nothing was heard, and who heard nothing, for an hour. Answers what says that something was. */
function closeWhenIdle(client: Duplex, {clock, signal}: Pick<DynoContext, 'clock' | 'signal'>): () => void {
  let last = clock.now().getTime()
  const closed = new AbortController()
  client.once('close', () => closed.abort())
  const until = AbortSignal.any([closed.signal, signal])
  const watch = async (): Promise<void> => {
    for (let left = idleMs; left > 0; left = last + idleMs - clock.now().getTime()) await clock.sleep(left, until)
    client.destroy()
  }
  watch().catch(() => undefined)
  return () => {
    last = clock.now().getTime()
  }
}

/** Both ways until the process ends; without its client a process is still read, since nobody reading would block it. */
function join(far: Duplex, process: Duplex, active: () => void): void {
  far.on('data', active)
  process.on('data', active)
  far.on('error', () => undefined)
  process.on('error', () => far.end())
  far.pipe(process)
  process.pipe(far)
  far.once('close', () => process.resume())
}
