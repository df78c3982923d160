import {Duplex} from 'node:stream'
import {type ContainerSpec, type Engine, EngineError, type ExecResult, type Session, type Started} from '../engine.js'
import {keyedQueue} from '../keyed-queue.js'
import {label} from '../labels.js'
import {specHash} from '../spec-hash.js'
import {MemoryContainer, type OnOutput} from './container.js'
import type {MemoryProcess} from './process.js'
import {execShell} from './shell.js'
import {treeOf} from './tree.js'
import type {World} from './world.js'

type Containers = Pick<
  Engine,
  | 'observe'
  | 'start'
  | 'startAttached'
  | 'attach'
  | 'stop'
  | 'kill'
  | 'pause'
  | 'resume'
  | 'wait'
  | 'remove'
  | 'containerTree'
  | 'exec'
  | 'execAttached'
  | 'listening'
>

export function memoryContainers(world: World): Containers {
  const byName = keyedQueue()
  return {
    observe: async labels => world.labelled(world.containers.values(), labels).map(container => container.observed()),
    start: (spec, onOutput) => byName(spec.name, async () => start(world, spec, onOutput)),
    startAttached: spec => byName(spec.name, async () => startAttached(world, spec)),
    async attach(id, onOutput, signal) {
      const container = world.container(id)
      if (container.state === 'exited') return onOutput(undefined)
      const detach = container.attach(onOutput)
      signal?.addEventListener('abort', detach, {once: true})
    },
    stop: (id, {graceSeconds}) => stop(world, id, graceSeconds),
    async kill(id, signal) {
      world.find(id)?.process?.signal(signal)
    },
    async pause(id) {
      world.find(id)?.pause()
    },
    async resume(id) {
      world.find(id)?.resume()
    },
    wait: (id, signal) => wait(world, id, signal),
    async remove(id) {
      const container = world.find(id)
      if (container !== undefined) await remove(world, container)
    },
    async containerTree(id, path, take) {
      const found = world.container(id).filesAt(path)
      return found.length === 0 ? undefined : await take(treeOf(path, found))
    },
    exec: (id, command, options) => exec(world, id, command, options),
    execAttached: async (id, command, options) => {
      const stream = output()
      const process = running(world, id).newProcess(command, chunk => stream.push(chunk.data), {env: options.env ?? {}, tty: options.tty})
      const session = sessionOf(process, stream)
      process.run(execShell)
      return session
    },
    listening: async ({id}, port) => world.find(id)?.listensOn(port) ?? false,
  }
}

async function start(world: World, spec: ContainerSpec, onOutput: OnOutput | undefined): Promise<Started> {
  const there = world.find(spec.name)
  if (there?.state === 'running' && there.labels[label.spec] === specHash(spec)) {
    if (onOutput !== undefined) there.attach(onOutput)
    return started(there)
  }
  const container = await create(world, spec)
  if (onOutput !== undefined) container.attach(onOutput)
  return run(world, container)
}

async function startAttached(world: World, spec: ContainerSpec): Promise<Started & {session: Session}> {
  const container = await create(world, spec)
  const stream = output()
  container.attach(chunk => void (chunk !== undefined && stream.push(chunk.data)))
  const begun = run(world, container)
  return {...begun, session: sessionOf(container.process!, stream)}
}

async function create(world: World, spec: ContainerSpec): Promise<MemoryContainer> {
  if (world.imageOf(spec.image) === undefined) throw new EngineError('not_found', `There is no image ${spec.image}.`)
  const there = world.find(spec.name)
  if (there !== undefined) await remove(world, there)
  const container = new MemoryContainer(world, spec, {...world.common, ...spec.labels, [label.spec]: specHash(spec)})
  const networks = typeof spec.networking === 'string' ? [] : spec.networking
  for (const {network, aliases = []} of networks) container.networks.set(network, {address: world.address(network), aliases})
  publish(world, container)
  for (const mount of spec.mounts ?? []) {
    if (mount.type === 'volume' && !world.volumes.has(mount.volume)) world.volumes.set(mount.volume, {labels: {}, files: new Map()})
  }
  world.containers.set(container.id, container)
  return container
}

const firstEphemeralPort = 32_768

function publish(world: World, container: MemoryContainer): void {
  const taken = new Set([...world.containers.values()].flatMap(other => (other.state === 'running' ? Object.values(other.ports) : [])))
  for (const {containerPort, hostPort} of container.spec.publish ?? []) {
    if (hostPort !== undefined && taken.has(hostPort)) {
      throw new EngineError('port_taken', `${container.spec.name} cannot have port ${hostPort}: it is already allocated.`)
    }
    let port = hostPort ?? firstEphemeralPort
    while (hostPort === undefined && taken.has(port)) port++
    taken.add(port)
    container.ports[containerPort] = port
  }
}

/** As in Docker: what is below /nonexistent is not there, and a file of accounts is no program. */
function run(world: World, container: MemoryContainer): Started {
  const {spec} = container
  const command = [...(spec.entrypoint ?? []), ...(spec.command ?? [])][0] ?? ''
  const exitCode = command.startsWith('/nonexistent') ? 127 : command === '/etc/passwd' ? 126 : undefined
  if (exitCode !== undefined) {
    container.refuse(exitCode)
    throw new EngineError('exec_failed', `${spec.name} cannot execute ${command}.`, {exitCode})
  }
  container.start(world.program)
  return started(container)
}

function started(container: MemoryContainer): Started {
  const {networking} = container.spec
  if (networking === 'host') return {id: container.id, address: '127.0.0.1'}
  const first = networking === 'none' ? undefined : networking[0]
  return {id: container.id, address: first === undefined ? undefined : container.networks.get(first.network)?.address}
}

async function stop(world: World, id: string, graceSeconds: number): Promise<void> {
  const container = world.find(id)
  container?.stopWanted()
  if (container?.state !== 'running' || container.process === undefined) return
  const enough = new AbortController()
  container.process.signal(container.spec.stopSignal ?? 'SIGTERM')
  const late = world.time.sleep(graceSeconds * 1000, enough.signal).then(
    () => container.process?.signal('SIGKILL'),
    () => undefined,
  )
  await Promise.race([container.ended, late])
  enough.abort()
  await container.ended
}

async function wait(world: World, id: string, signal: AbortSignal | undefined): Promise<number> {
  const container = world.container(id)
  if (container.state === 'exited') return container.exitCode ?? 0
  if (signal === undefined) return container.ended
  const aborted = new Promise<never>((_resolve, reject) => {
    const abort = () => reject(new EngineError('canceled', `Stopped waiting for the container ${id}.`))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, {once: true})
  })
  return Promise.race([container.ended, aborted])
}

export async function remove(world: World, container: MemoryContainer): Promise<void> {
  container.stopWanted()
  if (container.state === 'running') {
    container.process?.signal('SIGKILL')
    await container.ended
  }
  if (world.containers.delete(container.id)) container.event({type: 'destroy'})
}

function running(world: World, id: string): MemoryContainer {
  const container = world.container(id)
  if (container.state !== 'running') throw new EngineError('conflict', `The container ${container.spec.name} is not running.`)
  return container
}

async function exec(world: World, id: string, command: string[], options: Parameters<Engine['exec']>[2] = {}): Promise<ExecResult> {
  const found: Record<'stdout' | 'stderr', Buffer[]> = {stdout: [], stderr: []}
  const container = running(world, id)
  const process = container.newProcess(command, ({stream, data}) => found[stream].push(data), {
    env: {...container.spec.env, ...options.env},
    tty: undefined,
  })
  const abort = () => process.die(137)
  options.signal?.addEventListener('abort', abort, {once: true})
  process.stdin.end(options.stdin)
  process.run(execShell)
  const exitCode = await Promise.race([process.exited, container.ended.then(() => 137)])
  options.signal?.removeEventListener('abort', abort)
  if (options.signal?.aborted === true) throw new EngineError('canceled', 'The command was no longer wanted.')
  return {exitCode, stdout: Buffer.concat(found.stdout), stderr: Buffer.concat(found.stderr)}
}

/** The outer end of a process's pipes; `write` goes to its stdin once `sessionOf` has connected it. */
function output(): Duplex {
  return new Duplex({read: () => undefined})
}

function sessionOf(process: MemoryProcess, stream: Duplex): Session {
  stream._write = (chunk: Buffer, _encoding, done) => {
    if (process.tty !== undefined) stream.push(chunk)
    process.stdin.write(chunk)
    done()
  }
  stream._final = done => {
    process.stdin.end()
    done()
  }
  void process.exited.then(() => stream.push(null))
  return {
    stream,
    ended: process.exited,
    async resize(size) {
      if (process.tty !== undefined) process.tty = size
    },
  }
}
