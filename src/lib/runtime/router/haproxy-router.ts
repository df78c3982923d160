import {randomBytes} from 'node:crypto'
import {availableParallelism} from 'node:os'
import type {Duplex} from 'node:stream'
import {type Engine, EngineError, type OutputChunk} from '../../engine/engine.js'
import {PlatformError} from '../../schema/errors.js'
import type {Home} from '../../schema/home.js'
import type {Challenges} from '../certificates/challenges.js'
import type {HostCertificate} from '../certificates/host-certificates.js'
import {readSetting, type Store, setting, writeSetting} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {LogSink} from '../support/log-sink.js'
import type {EngineNames} from '../support/names.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import {dialFrom} from './dial.js'
import {FallbackServer} from './fallback-server.js'
import {HaproxyBackends} from './haproxy-backends.js'
import {HaproxyCertificates} from './haproxy-certificates.js'
import type {FixedOptions} from './haproxy-config.js'
import {type ContainerDeps, hostAlias, type RunningHaproxy, runHaproxy} from './haproxy-container.js'
import {haproxyFiles} from './haproxy-directory.js'
import {mostThreads} from './haproxy-frontends.js'
import {outputReader} from './haproxy-output.js'
import {isUp} from './haproxy-state.js'
import {readKept, writeKept} from './kept-table.js'
import {readPipe} from './line-pipe.js'
import {chooseListening, type Listening} from './port.js'
import type {Route, Router, RouterAddress, Target} from './router.js'
import {routerImage} from './router-image.js'

export interface RouterDeps {
  engine: Engine
  home: Pick<Home, 'router' | 'socketDirectory'>
  homeId: string
  names: EngineNames
  /** Keeps the router's port, the fallback's port and the secret between them. */
  store: Store
  logs: LogSink
  clock: Clock
  log: RuntimeLog
  /** Answered under every host. */
  challenges: Challenges
  /** Starts the dynos of an app that sleeps. */
  wake: (appId: string) => void
  /** What TLS clients are shown that ask for no app. */
  ownCertificate: () => HostCertificate
  /** The folder `stacks/`, which holds `router/Dockerfile`. */
  stackDirectory: string
  /** Where HOKKU_ROUTER_PORT and its like are read; default the process's. */
  env?: NodeJS.ProcessEnv
}

/** The router: HAProxy in a container for apps that are up, the fallback server for everything else. */
export function createRouter(deps: RouterDeps): Router {
  return new HaproxyRouter(deps)
}

const sweepMs = 30_000
/** How long after a start that failed another one is tried: an engine that is restarted takes HAProxy with it and is away for a while. */
const retryMs = 5000
/** How often it is asked at least whether a dyno still has a request, in ms. */
const slowestLookMs = 400

class HaproxyRouter implements Router {
  private readonly closing = new AbortController()
  private readonly fallback: FallbackServer
  private readonly output: (chunk: OutputChunk) => void
  /** Per named pipe: what turns its bytes into lines, and the reading of it, so that no two read at once. */
  private readonly pipes = new Map<string, {output: (chunk: OutputChunk) => void; reading: Promise<void>}>()
  private reading = new AbortController()
  private readonly secret: string
  private table: Route[] | undefined
  private appIds = new Set<string>()
  /** Counts connections to HAProxy: output that an earlier one still brings is not read twice. */
  private generation = 0
  private backends: HaproxyBackends | undefined
  private certificates: HaproxyCertificates | undefined
  private running: RunningHaproxy | undefined
  private listening: Listening | undefined
  private fallbackPort = 0
  /** Lines HAProxy could not write, when it was last asked. */
  private dropped = 0
  /** Why HAProxy does not run; undefined when it does. */
  private trouble: string | undefined
  /** Apps whose networks HAProxy has joined. */
  private readonly joined = new Set<string>()
  /** What is being done to HAProxy; one thing after another. */
  private work: Promise<unknown> = Promise.resolve()

  constructor(private readonly deps: RouterDeps) {
    this.secret = setting(deps.store, 'router.secret', () => randomBytes(24).toString('hex'))
    this.fallback = new FallbackServer({...deps, secret: this.secret, tlsPort: () => this.listening?.tlsPort ?? 443})
    this.output = this.newOutput()
  }

  private newOutput(): (chunk: OutputChunk) => void {
    const known = (appId: string): boolean => this.table === undefined || this.appIds.has(appId)
    return outputReader({logs: this.deps.logs, log: this.deps.log, known})
  }

  async start(): Promise<RouterAddress> {
    const {store, env = process.env} = this.deps
    this.listening = await chooseListening(store, env)
    if (this.fallbackPort === 0) await this.listenForFallback()
    await this.enqueue(() => this.connect())
    void this.sweepForever()
    return this.listening
  }

  /** Once: a start that failed later on is tried again. */
  private async listenForFallback(): Promise<void> {
    const {store} = this.deps
    const kept = readSetting(store, 'router.fallback-port')
    this.fallbackPort = await this.fallback.listen(kept === undefined ? undefined : Number(kept), '127.0.0.1')
    writeSetting(store, 'router.fallback-port', String(this.fallbackPort))
  }

  async publish(table: Route[]): Promise<void> {
    this.table = table
    this.appIds = new Set(table.map(route => route.appId))
    this.fallback.update(table)
    await this.enqueue(async () => {
      // A newer table was published while this one waited: its turn comes next, and it is the truth.
      if (this.table === table) await this.apply(table)
    })
    if (this.table !== table) await this.work
  }

  async quiet(dyno: Target, signal: AbortSignal): Promise<void> {
    for (let pause = 25; this.running !== undefined && (await this.backends?.isServing(this.running, dyno)); pause *= 2)
      await this.deps.clock.sleep(Math.min(pause, slowestLookMs), signal)
  }

  async dial(appId: string, dyno: Omit<Target, 'dyno'>, {seconds, signal}: {seconds: number; signal: AbortSignal}): Promise<Duplex> {
    const {engine, names, clock} = this.deps
    const unasked = (cause: unknown): PlatformError =>
      new PlatformError('service_unavailable', this.trouble ?? 'The router has not been started yet.', {cause})
    while (this.running === undefined) await clock.sleep(100, signal).catch(error => Promise.reject(unasked(error)))
    try {
      // One that starts is in no table yet, and another app's network of that name may have been removed.
      await engine.connect(this.running.id, names.network(appId), [])
      return await dialFrom(engine, this.running.id, dyno, seconds)
    } catch (error) {
      throw error instanceof EngineError ? unasked(error) : error
    }
  }

  problem(): string | undefined {
    return this.trouble
  }

  async close(): Promise<void> {
    this.closing.abort()
    await this.fallback.close()
    await this.work.catch(() => undefined)
    await Promise.all([...this.pipes.values()].map(({reading}) => reading))
  }

  private enqueue<T>(task: () => Promise<T>): Promise<T> {
    const mine = this.work.then(task, task)
    this.work = mine
    mine.catch(() => undefined)
    return mine
  }

  /** Runs or adopts HAProxy and learns what it has. Until the first publish it goes on with the table published last. */
  private async connect(): Promise<void> {
    try {
      await this.connectOnce()
      this.trouble = undefined
    } catch (error) {
      this.trouble = (error as Error).message
      throw error
    }
  }

  private async connectOnce(): Promise<void> {
    const {engine, stackDirectory, log} = this.deps
    this.generation += 1
    const {generation} = this
    const image = await routerImage(engine, stackDirectory, log)
    const wanted = {image, listening: this.listening!, threads: this.options().threads}
    const backends = new HaproxyBackends(this.options(), await readKept(this.deps.home.router))
    const certificates = new HaproxyCertificates(haproxyFiles(this.deps.home), log)
    await certificates.prepare(this.deps.ownCertificate())
    this.reading.abort()
    this.reading = new AbortController()
    const containerDeps: ContainerDeps = {
      ...this.deps,
      onOutput: chunk => this.received(chunk, generation),
      onPipe: (path, gone) => this.follow(path, AbortSignal.any([gone, this.reading.signal])),
    }
    this.running = await runHaproxy(containerDeps, wanted, backends.files(), this.closing.signal)
    await backends.adopt(this.running)
    this.joined.clear()
    this.backends = backends
    this.certificates = certificates
  }

  private follow(path: string, signal: AbortSignal): void {
    const {output, reading} = this.pipes.get(path) ?? {output: this.newOutput(), reading: Promise.resolve()}
    const next = reading
      .then(() => readPipe(path, data => output({stream: 'stdout', data}), this.deps.clock, signal))
      .catch(error => this.deps.log.error('the lines of the router cannot be read', {path, error}))
    this.pipes.set(path, {output, reading: next})
  }

  private options(): FixedOptions {
    const inVm = !this.deps.engine.capabilities.hostNetwork
    return {
      binds: inVm ? ['*'] : this.listening!.binds,
      port: this.listening!.port,
      tlsPort: this.listening!.tlsPort,
      fallback: {address: inVm ? hostAlias : '127.0.0.1', port: this.fallbackPort, secret: this.secret},
      // Where lines come through the engine, there is one way for them, and two threads would lose some.
      threads: inVm ? 1 : Math.min(mostThreads, availableParallelism()),
    }
  }

  /** HAProxy gone or not answering is started anew, and the table applied to that. */
  private async apply(table: Route[]): Promise<void> {
    if (this.closing.signal.aborted) return
    if (this.listening === undefined) throw new Error('The router has not been started.')
    try {
      await this.applyOnce(table)
    } catch (error) {
      if (this.closing.signal.aborted) return
      this.deps.log.info('the router is started again', {because: String(error)})
      await this.connect()
      await this.applyOnce(table)
    }
  }

  private async applyOnce(table: Route[]): Promise<void> {
    if (this.backends === undefined || this.running === undefined) throw new Error('The router has not been started.')
    await this.joinNetworks(table, this.running.id)
    // Certificates are given in the table, and kept elsewhere.
    const kept = await this.backends.apply(table.map(withoutCertificates), this.running)
    await this.applyCertificates(table)
    if (kept !== undefined) await writeKept(this.deps.home.router, kept)
  }

  private async applyCertificates(table: Route[]): Promise<void> {
    const wanted = [this.deps.ownCertificate(), ...table.flatMap(route => route.certificates ?? [])]
    if (await this.certificates?.apply(wanted, this.running!)) this.backends?.forget()
  }

  /** In a VM's engine HAProxy reaches dynos only on networks it has joined itself. */
  private async joinNetworks(table: Route[], id: string): Promise<void> {
    const {engine, names} = this.deps
    if (engine.capabilities.hostNetwork) return
    for (const {appId} of table.filter(isUp)) {
      if (this.joined.has(appId)) continue
      await engine.connect(id, names.network(appId), [])
      this.joined.add(appId)
    }
  }

  /** The end of the output is the end of HAProxy, which is then started again with what was published last. */
  private received(chunk: OutputChunk | undefined, generation: number): void {
    if (this.closing.signal.aborted || generation !== this.generation) return
    if (chunk === undefined) this.recover()
    else this.output(chunk)
  }

  private recover(): void {
    if (this.closing.signal.aborted) return
    this.enqueue(async () => {
      if (this.closing.signal.aborted) return
      await this.connect()
      if (this.table !== undefined) await this.applyOnce(this.table)
    }).catch(async error => {
      this.deps.log.error('the router ended and could not be started again; trying again', {error})
      await this.deps.clock.sleep(retryMs, this.closing.signal).catch(() => undefined)
      this.recover()
    })
  }

  private async sweepForever(): Promise<void> {
    const {signal} = this.closing
    while (!signal.aborted) {
      await this.deps.clock.sleep(sweepMs, signal).catch(() => undefined)
      if (signal.aborted) return
      await this.enqueue(() => this.sweep()).catch(error => this.deps.log.debug('the router could not be swept', {error}))
    }
  }

  private async sweep(): Promise<void> {
    if (this.running === undefined || this.backends === undefined) return
    await this.backends.sweep(this.running)
    const dropped = await this.backends.droppedLines(this.running)
    if (dropped > this.dropped)
      this.deps.log.error('router lines lost: they came faster than they were read', {lines: dropped - this.dropped})
    this.dropped = dropped
  }
}

function withoutCertificates({certificates: _, ...route}: Route): Route {
  return route
}
