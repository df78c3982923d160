import {Buffer} from 'node:buffer'
import {PassThrough} from 'node:stream'
import type {ContainerSpec, OutputChunk, TtySize} from '../engine.js'
import type {Time} from './time.js'

/** What a container runs: resolves with its exit code. */
export type Program = (process: MemoryProcess) => Promise<number>

/** What of the engine a process sees: names on its networks, files in its volumes. */
export interface Surroundings {
  /** The address of a container by name or alias on a shared network. */
  resolve(name: string): string | undefined
  /** Whether a TCP connection to it would be accepted. */
  reaches(address: string, port: number): boolean
  readFile(path: string): string | undefined
  writeFile(path: string, content: string): void
  listen(port: number): void
}

type Trap = 'ignore' | (() => number | undefined)

const signalNumbers: Record<string, number> = {SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGUSR1: 10, SIGUSR2: 12, SIGTERM: 15}

/** One running process of the memory engine, as its program sees it. */
export class MemoryProcess {
  readonly stdin = new PassThrough()
  readonly env: Record<string, string>
  /** Aborts when the process has to be gone; sleeping programs wake up. */
  readonly gone: AbortSignal
  readonly #gone = new AbortController()
  readonly #traps = new Map<string, Trap>()
  readonly #exit: (code: number) => void
  readonly exited: Promise<number>
  tty: TtySize | undefined

  constructor(
    readonly spec: ContainerSpec,
    readonly argv: string[],
    readonly time: Time,
    readonly around: Surroundings,
    private readonly output: (chunk: OutputChunk) => void,
    options: {env: Record<string, string>; tty: TtySize | undefined},
  ) {
    this.env = options.env
    this.tty = options.tty
    this.gone = this.#gone.signal
    let exit: (code: number) => void = () => undefined
    this.exited = new Promise(resolve => {
      exit = resolve
    })
    this.#exit = code => {
      this.#gone.abort()
      exit(code)
    }
  }

  run(program: Program): void {
    program(this).then(
      code => this.#exit(code),
      error => {
        if (!this.gone.aborted) this.print('stderr', `${String(error)}\n`)
        this.#exit(1)
      },
    )
  }

  /** With a terminal everything is one stream and lines end as terminals want it. */
  print(stream: 'stdout' | 'stderr', text: string | Buffer): void {
    if (this.gone.aborted) return
    const terminal = this.tty !== undefined
    const data = terminal ? Buffer.from(String(text).replace(/\r?\n/g, '\r\n')) : Buffer.from(text)
    this.output({stream: terminal ? 'stdout' : stream, data})
  }

  /** What to do on a signal instead of dying of it; a function may return an exit code. */
  trap(signal: string, what: Trap): void {
    this.#traps.set(signal, what)
  }

  signal(name: string): void {
    const signal = name.startsWith('SIG') ? name : `SIG${name}`
    const trap = signal === 'SIGKILL' ? undefined : this.#traps.get(signal)
    if (trap === 'ignore') return
    const code = trap === undefined ? 128 + (signalNumbers[signal] ?? 15) : trap()
    if (code !== undefined) this.#exit(code)
  }

  /** Ends it from outside: a crash that no program asked for. */
  die(code: number): void {
    this.#exit(code)
  }

  sleep(ms: number): Promise<void> {
    return this.time.sleep(ms, this.gone)
  }

  /** Never resolves; rejects when the process is gone. */
  forever(): Promise<never> {
    return new Promise((_resolve, reject) => {
      if (this.gone.aborted) reject(this.gone.reason)
      this.gone.addEventListener('abort', () => reject(this.gone.reason), {once: true})
    })
  }
}
