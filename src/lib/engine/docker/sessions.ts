import {Duplex} from 'node:stream'
import {setTimeout as sleep} from 'node:timers/promises'
import {type Engine, EngineError, type Session, type TtySize} from '../engine.js'
import type {DockerApi} from './api.js'
import {environment} from './container-body.js'
import {demultiplexer} from './demux.js'

interface Target {
  kind: 'containers' | 'exec'
  id: string
  tty: TtySize | undefined
}

/** A connection to a process as a stream of its raw bytes. `exitCode` is asked when the stream is made. */
export function dockerSession(api: DockerApi, target: Target, socket: Duplex, exitCode: () => Promise<number>): Session {
  const ended = exitCode()
  // Whoever cares for the code awaits it; nobody else should see it fail.
  ended.catch(() => undefined)
  return {
    stream: target.tty === undefined ? plainStream(socket) : rawStream(socket),
    ended,
    async resize(size) {
      if (target.tty === undefined) return
      await resize(api, target, size)
    },
  }
}

async function resize(api: DockerApi, {kind, id}: Target, {columns, rows}: TtySize): Promise<void> {
  try {
    await api.request({method: 'POST', path: `/${kind}/${id}/resize`, query: {h: rows, w: columns}, doing: 'resize the terminal'})
  } catch (error) {
    // The process has ended in the meantime (20.10 answers 500 to that).
    if (!(error instanceof EngineError) || error.code === 'unavailable' || error.code === 'permission') throw error
  }
}

function rawStream(socket: Duplex): Duplex {
  return wrapped(socket, push => push)
}

function plainStream(socket: Duplex): Duplex {
  return wrapped(socket, push => demultiplexer(({data}) => push(data)))
}

function wrapped(socket: Duplex, reader: (push: (data: Buffer) => void) => (data: Buffer) => void): Duplex {
  const stream: Duplex = new Duplex({
    read: () => socket.resume(),
    write: (chunk, _encoding, done) => {
      if (socket.writable) socket.write(chunk, () => done())
      else done()
    },
    final: done => {
      if (socket.writable) socket.end(() => done())
      else done()
    },
    destroy: (error, done) => {
      socket.destroy()
      done(error)
    },
  })
  const read = reader(data => {
    if (!stream.push(data)) socket.pause()
  })
  const end = () => {
    if (!stream.destroyed && !stream.readableEnded) stream.push(null)
  }
  socket.on('data', read)
  socket.once('end', end)
  socket.once('close', end)
  socket.once('error', end)
  return stream
}

interface ExecAnswer {
  Running: boolean
  ExitCode: number | null
}

export function execs(api: DockerApi): Pick<Engine, 'exec' | 'execAttached'> {
  return {
    async exec(id, command, options = {}) {
      const execId = await createExec(api, id, command, {...options, stdin: options.stdin !== undefined, tty: undefined})
      const socket = await startExec(api, execId, undefined, options.signal)
      const [stdout, stderr] = await collected(socket, options.stdin, options.signal)
      return {exitCode: await execEnded(api, execId), stdout, stderr}
    },
    async execAttached(id, command, options) {
      const execId = await createExec(api, id, command, {...options, stdin: true})
      const socket = await startExec(api, execId, options.tty)
      const closed = new Promise(resolve => socket.once('close', resolve).once('end', resolve))
      const target = {kind: 'exec', id: execId, tty: options.tty} as const
      const session = dockerSession(api, target, socket, async () => {
        await closed
        return execEnded(api, execId)
      })
      if (options.tty !== undefined) await session.resize(options.tty)
      return session
    },
  }
}

async function createExec(
  api: DockerApi,
  id: string,
  command: string[],
  options: {user?: string; env?: Record<string, string>; stdin: boolean; tty?: TtySize | undefined},
): Promise<string> {
  const {tty} = options
  const {Id} = await api.request<{Id: string}>({
    method: 'POST',
    path: `/containers/${id}/exec`,
    body: {
      AttachStdin: options.stdin,
      AttachStdout: true,
      AttachStderr: true,
      Tty: tty !== undefined,
      ...(tty && {ConsoleSize: [tty.rows, tty.columns]}),
      Cmd: command,
      Env: environment(options.env ?? {}),
      ...(options.user !== undefined && {User: options.user}),
    },
    doing: `execute ${command[0] ?? 'a command'} in the container ${id}`,
  })
  return Id
}

function startExec(api: DockerApi, execId: string, tty: TtySize | undefined, signal?: AbortSignal): Promise<Duplex> {
  const body = {Detach: false, Tty: tty !== undefined}
  return api.hijack({method: 'POST', path: `/exec/${execId}/start`, body, doing: 'start a command in a container', signal})
}

async function collected(socket: Duplex, stdin: Buffer | undefined, signal: AbortSignal | undefined): Promise<[Buffer, Buffer]> {
  const found: Record<'stdout' | 'stderr', Buffer[]> = {stdout: [], stderr: []}
  const read = demultiplexer(({stream, data}) => found[stream].push(data))
  const abort = () => socket.destroy(new EngineError('canceled', 'The command was no longer wanted.'))
  signal?.addEventListener('abort', abort, {once: true})
  try {
    if (stdin !== undefined) socket.end(stdin)
    for await (const data of socket) read(data as Buffer)
  } finally {
    signal?.removeEventListener('abort', abort)
  }
  return [Buffer.concat(found.stdout), Buffer.concat(found.stderr)]
}

/** The output ends a moment before the engine knows the exit code. */
async function execEnded(api: DockerApi, execId: string): Promise<number> {
  for (let pause = 5; ; pause = Math.min(pause * 2, 200)) {
    const {Running, ExitCode} = await api.request<ExecAnswer>({method: 'GET', path: `/exec/${execId}/json`, doing: 'look after a command'})
    if (!Running && ExitCode !== null) return ExitCode
    await sleep(pause)
  }
}
