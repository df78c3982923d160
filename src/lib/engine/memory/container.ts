import {Buffer} from 'node:buffer'
import type {ContainerSpec, ContainerState, EngineEvent, ObservedContainer, OutputChunk, TtySize} from '../engine.js'
import {MemoryProcess, type Program, type Surroundings} from './process.js'
import type {World} from './world.js'

export type OnOutput = (chunk: OutputChunk | undefined) => void

interface KeptLine {
  at: Date
  stream: 'stdout' | 'stderr'
  line: Buffer
}

/** How long a container whose restart policy is `always` stays down. */
const restartPause = 100

/** One container of the memory engine: what Docker would tell about it, and the process it runs. */
export class MemoryContainer {
  readonly id: string
  readonly createdAt: Date
  readonly networks = new Map<string, {address: string; aliases: string[]}>()
  readonly ports: Record<number, number> = {}
  readonly kept: KeptLine[] = []
  readonly #files = new Map<string, string>()
  readonly #sinks = new Set<OnOutput>()
  readonly #listening = new Set<number>()
  readonly #rest = {stdout: '', stderr: ''}
  state: ContainerState = 'created'
  process: MemoryProcess | undefined
  ended: Promise<number>
  #resolveEnded: (code: number) => void = () => undefined
  #startedAt: Date | undefined
  #finishedAt: Date | undefined
  #exitCode: number | undefined
  #outOfMemory = false
  #stopped = false

  constructor(
    private readonly world: World,
    readonly spec: ContainerSpec,
    readonly labels: Record<string, string>,
  ) {
    this.id = world.nextId()
    this.createdAt = world.time.now()
    this.ended = this.#newEnd()
  }

  get exitCode(): number | undefined {
    return this.#exitCode
  }

  observed(): ObservedContainer {
    const running = this.state === 'running'
    const addresses = running ? [...this.networks].map(([name, {address}]) => [name, address]) : []
    return {
      id: this.id,
      name: this.spec.name,
      labels: this.labels,
      state: this.state,
      createdAt: this.createdAt,
      ...(this.#startedAt && {startedAt: this.#startedAt}),
      ...(this.#finishedAt && !running && {finishedAt: this.#finishedAt}),
      ...(this.#exitCode !== undefined && !running && {exitCode: this.#exitCode}),
      ...(this.#outOfMemory && {outOfMemory: true}),
      addresses: Object.fromEntries(addresses),
      ports: running ? {...this.ports} : {},
    }
  }

  attach(sink: OnOutput): () => void {
    this.#sinks.add(sink)
    return () => this.#sinks.delete(sink)
  }

  start(program: Program): void {
    const {spec, world} = this
    this.state = 'running'
    this.#startedAt = world.time.now()
    this.#exitCode = undefined
    this.#listening.clear()
    const argv = [...(spec.entrypoint ?? []), ...(spec.command ?? [])]
    const process = this.newProcess(argv, chunk => this.#say(chunk), {env: spec.env, tty: spec.tty})
    this.process = process
    this.event({type: 'start'})
    void process.exited.then(code => this.#end(code, program))
    process.run(program)
  }

  /** Another process in it, for `exec`. */
  newProcess(
    argv: string[],
    output: (chunk: OutputChunk) => void,
    options: {env: Record<string, string>; tty: TtySize | undefined},
  ): MemoryProcess {
    const env = {PATH: '/usr/bin:/bin', HOSTNAME: this.id.slice(0, 12), ...options.env}
    return new MemoryProcess(this.spec, argv, this.world.time, this.#surroundings(), output, {env, tty: options.tty})
  }

  /** Ends up exited: the command cannot be executed, which only its init notices. */
  refuse(exitCode: number): void {
    this.state = 'exited'
    this.#exitCode = exitCode
    this.#startedAt = this.#finishedAt = this.world.time.now()
    this.event({type: 'start'})
    this.#endOutput()
    this.event({type: 'die', exitCode})
    this.#resolveEnded(exitCode)
  }

  /** Someone asked for the end, so that no restart policy brings it back. */
  stopWanted(): void {
    this.#stopped = true
  }

  outOfMemory(): void {
    this.#outOfMemory = true
    this.event({type: 'oom'})
  }

  pause(): void {
    if (this.state !== 'running') return
    this.state = 'paused'
    this.event({type: 'pause'})
  }

  resume(): void {
    if (this.state === 'paused') this.state = 'running'
  }

  listensOn(port: number): boolean {
    return this.state === 'running' && this.#listening.has(port)
  }

  event(what: {type: 'start' | 'oom' | 'destroy' | 'pause'} | {type: 'die'; exitCode: number}): void {
    const event = {...what, id: this.id, name: this.spec.name, labels: this.labels, at: this.world.time.now()}
    this.world.events.send(event as EngineEvent)
  }

  #say(chunk: OutputChunk): void {
    if (this.spec.keepOutput === 'copy') this.#keep(chunk)
    for (const sink of this.#sinks) sink(chunk)
  }

  #keep({stream, data}: OutputChunk): void {
    const lines = (this.#rest[stream] + data.toString('utf8')).split('\n')
    this.#rest[stream] = lines.pop() ?? ''
    const at = this.world.time.now()
    for (const line of lines) this.kept.push({at, stream, line: Buffer.from(line)})
  }

  #end(code: number, program: Program): void {
    if (this.state !== 'running') return
    const restarts = this.spec.restart === 'always' && !this.#stopped
    this.state = restarts ? 'restarting' : 'exited'
    this.#finishedAt = this.world.time.now()
    this.#exitCode = code
    for (const stream of ['stdout', 'stderr'] as const) if (this.#rest[stream] !== '') this.#keep({stream, data: Buffer.from('\n')})
    if (!restarts) this.#endOutput()
    this.event({type: 'die', exitCode: code})
    const resolve = this.#resolveEnded
    this.ended = restarts ? this.#newEnd() : this.ended
    resolve(code)
    if (restarts) void this.#restart(program)
  }

  async #restart(program: Program): Promise<void> {
    await this.world.time.sleep(restartPause)
    if (this.state === 'restarting' && !this.#stopped) this.start(program)
  }

  #endOutput(): void {
    const sinks = [...this.#sinks]
    this.#sinks.clear()
    for (const sink of sinks) sink(undefined)
  }

  /** Its own and those of its volumes, by path, with what is below it. */
  filesAt(path: string): [string, string][] {
    const {files, target} = this.#folder(`${path}/`)
    const all = [...files].map(([name, text]): [string, string] => [`${target}${name}`, text])
    return all.filter(([name]) => name === path || name.startsWith(`${path}/`))
  }

  #newEnd(): Promise<number> {
    return new Promise(resolve => {
      this.#resolveEnded = resolve
    })
  }

  #surroundings(): Surroundings {
    return {
      resolve: name => this.#neighbours().find(({container, aliases}) => container.spec.name === name || aliases.includes(name))?.address,
      reaches: (address, port) => this.#neighbours().some(one => one.address === address && one.container.listensOn(port)),
      listen: port => void this.#listening.add(port),
      readFile: path => {
        const {files, target} = this.#folder(path)
        return files.get(path.slice(target.length))
      },
      writeFile: (path, content) => {
        const {files, target} = this.#folder(path)
        files.set(path.slice(target.length), content)
      },
    }
  }

  #neighbours(): {container: MemoryContainer; address: string; aliases: string[]}[] {
    return [...this.world.containers.values()].flatMap(container =>
      [...container.networks]
        .filter(([network]) => this.networks.has(network) && container.state === 'running')
        .map(([, {address, aliases}]) => ({container, address, aliases})),
    )
  }

  /** Files below a volume's target live in the volume, by their path in it. */
  #folder(path: string): {files: Map<string, string>; target: string} {
    const mount = this.spec.mounts?.find(one => one.type === 'volume' && path.startsWith(`${one.target}/`))
    const volume = mount?.type === 'volume' ? this.world.volumes.get(mount.volume) : undefined
    return volume === undefined ? {files: this.#files, target: ''} : {files: volume.files, target: mount?.target ?? ''}
  }
}
