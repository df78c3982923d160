import {createHash} from 'node:crypto'
import {existsSync} from 'node:fs'
import {rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {ContainerSpec, Engine, ImageRef, ObservedContainer, OutputChunk} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'
import {PlatformError} from '../../schema/errors.js'
import type {Home} from '../../schema/home.js'
import type {Clock} from '../support/clock.js'
import type {EngineNames} from '../support/names.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import {type AdminSocket, execAdminSocket, unixAdminSocket} from './admin-socket.js'
import {type HaproxyDirectory, haproxyDirectory, makeDirectories, pipeNames, writeFiles} from './haproxy-directory.js'
import {frontendNames, linesFd} from './haproxy-frontends.js'
import {assertFree, type Listening} from './port.js'

export interface ContainerDeps {
  engine: Engine
  home: Pick<Home, 'router' | 'socketDirectory'>
  homeId: string
  names: EngineNames
  clock: Clock
  log: RuntimeLog
  onOutput: (chunk: OutputChunk | undefined) => void
  /** Told of the named pipe of every container whose lines do not come with its output, its former ones too. */
  onPipe: (path: string, gone: AbortSignal) => void
}

/** HAProxy running, and its two command lines. */
export interface RunningHaproxy {
  id: string
  admin: AdminSocket
  master: AdminSocket
  /** Replaces the files it reads when it starts or reloads. */
  write(files: Record<string, string>): Promise<void>
}

/** What must differ for a container to be replaced. */
interface Wanted {
  image: ImageRef
  listening: Listening
  threads: number
}

/** The name of this machine in HAProxy's container where the engine is in a VM; Docker Desktop's own, which every engine can be told. */
export const hostAlias = 'host.docker.internal'

const haproxy = ['haproxy', '-W', '-S', '/hokku/sockets/master.sock,mode,660', '-f', '/hokku/haproxy.cfg']

/**
 * HAProxy's stdout is a named pipe that the runtime reads, and so is a descriptor for each further thread: through the engine, every line
 * costs more than serving its request, and HAProxy drops lines when 64 kB wait. A pipe holds 1 MB, some 5,000 lines (1031 is F_SETPIPE_SZ), and
 * as it is open for reading too, it keeps them while no runtime runs.
 */
function intoPipes(threads: number): string[] {
  const pipes = pipeNames(threads).map((name, index) => `/hokku/sockets/${name}:${linesFd(index + 1)}`)
  const script = `use POSIX; umask 0;
for (split / /, shift @ARGV) { my ($pipe, $fd) = split /:/; -p $pipe or mkfifo($pipe, 0660) or die "$pipe: $!";
open(my $both, '+<', $pipe) or die "$pipe: $!"; fcntl($both, 1031, 1 << 20); dup2(fileno($both), $fd) or die "$pipe: $!" }
exec @ARGV or die $!`
  return ['perl', '-e', script, pipes.join(' '), ...haproxy]
}

/** Starts HAProxy with those files, or adopts the container that runs already; then retires containers of another image or port. */
export async function runHaproxy(
  deps: ContainerDeps,
  wanted: Wanted,
  files: Record<string, string>,
  signal: AbortSignal,
): Promise<RunningHaproxy> {
  const {engine} = deps
  const mark = hashOf(deps, wanted)
  const directory = haproxyDirectory(deps.home, mark)
  await makeDirectories(directory)
  const all = await ours(deps)
  const others = all.filter(container => container.labels[label.want] !== mark)
  if (engine.capabilities.hostNetwork && !all.some(container => container.state === 'running')) await assertFree(wanted.listening)
  // Published ports can be held by one container only; on the host's network two HAProxys share them (SO_REUSEPORT).
  if (!engine.capabilities.hostNetwork) await Promise.all(others.map(container => engine.remove(container.id)))
  await writeFiles(directory.files, files)
  const {id} = await engine.start(specFor(deps, wanted, mark, directory), deps.onOutput)
  const running = socketsOf(deps, id, directory)
  await answering(deps, running, signal)
  if (engine.capabilities.hostNetwork) followLines(deps, directory, signal)
  if (engine.capabilities.hostNetwork) for (const container of others) void retire(deps, container, signal)
  return running
}

/** It may have been started for another number of threads. */
function followLines({onPipe}: ContainerDeps, {lines}: HaproxyDirectory, signal: AbortSignal): void {
  for (const path of lines) if (existsSync(path)) onPipe(path, signal)
}

/** Containers of this home's router, in any state. */
export function ours({engine, homeId}: Pick<ContainerDeps, 'engine' | 'homeId'>): Promise<ObservedContainer[]> {
  return engine.observe({[label.home]: homeId, [label.kind]: 'router'})
}

function hashOf({engine}: ContainerDeps, wanted: Wanted): string {
  const parts = [wanted.image, wanted.listening, commandFor(engine, wanted), groupId()]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8)
}

/**
 * The master is root with a few capabilities, so that it can bind port 80, hand the worker to the user haproxy and signal it;
 * a file in our directories it reaches by our group.
 */
function specFor({engine, homeId, names}: ContainerDeps, wanted: Wanted, mark: string, directory: HaproxyDirectory): ContainerSpec {
  const {image, listening} = wanted
  const {hostNetwork} = engine.capabilities
  const published = listening.binds.flatMap(hostAddress =>
    [listening.port, listening.tlsPort].map(port => ({containerPort: port, hostPort: port, hostAddress})),
  )
  return {
    name: `${names.router}-${mark}`,
    image,
    command: commandFor(engine, wanted),
    entrypoint: [],
    env: {},
    labels: {[label.home]: homeId, [label.kind]: 'router', [label.want]: mark},
    user: `0:${groupId()}`,
    networking: hostNetwork ? 'host' : [{network: 'bridge'}],
    mounts: [
      {type: 'bind', source: directory.files, target: '/hokku', readOnly: true},
      hostNetwork
        ? {type: 'bind', source: directory.sockets, target: '/hokku/sockets', readOnly: false}
        : {type: 'tmpfs', target: '/hokku/sockets', sizeBytes: 1 << 20},
    ],
    ...(hostNetwork ? {} : {publish: published, hostAlias}),
    capabilities: ['NET_BIND_SERVICE', 'SETUID', 'SETGID', 'KILL'],
    restart: 'always',
    keepOutput: 'copy',
  }
}

/** A named pipe cannot cross into the host where the engine is in a VM: there the lines come through the engine. */
const commandFor = ({capabilities}: Engine, {threads}: Wanted): string[] => (capabilities.hostNetwork ? intoPipes(threads) : haproxy)

const groupId = (): number => process.getgid?.() ?? 0

function socketsOf({engine}: ContainerDeps, id: string, directory: HaproxyDirectory): RunningHaproxy {
  const write = (files: Record<string, string>): Promise<void> => writeFiles(directory.files, files)
  const socket = (name: string): AdminSocket =>
    engine.capabilities.hostNetwork ? unixAdminSocket(join(directory.sockets, name)) : execAdminSocket(engine, id, `/hokku/sockets/${name}`)
  return {id, admin: socket('admin.sock'), master: socket('master.sock'), write}
}

const startSeconds = 20

async function answering({engine, clock}: ContainerDeps, running: RunningHaproxy, signal: AbortSignal): Promise<void> {
  const since = clock.now()
  for (let tries = 0; ; tries += 1) {
    try {
      await running.admin.send('show version')
      return
    } catch (cause) {
      if (clock.now().getTime() - since.getTime() > startSeconds * 1000) {
        const said = await lastWords(engine, running.id, since)
        await engine.remove(running.id)
        throw new PlatformError('service_unavailable', `The router did not start within ${startSeconds} s. HAProxy says: ${said}`, {cause})
      }
      await clock.sleep(tries < 20 ? 25 : 250, signal)
    }
  }
}

async function lastWords(engine: Engine, id: string, since: Date): Promise<string> {
  const words: string[] = []
  try {
    for await (const {line} of engine.output(id, new Date(since.getTime() - 60_000))) words.push(line.toString('utf8').trim())
  } catch {
    return 'nothing that the engine kept.'
  }
  return (
    words
      .filter(word => word.includes('ALERT'))
      .slice(-5)
      .join(' ') ||
    words.slice(-5).join(' ') ||
    'nothing.'
  )
}

const retireSeconds = 3_600

/** Lets go of the ports at once, finishes what it serves (at most an hour), then removes the container. */
async function retire(deps: ContainerDeps, container: ObservedContainer, signal: AbortSignal): Promise<void> {
  const {engine, clock, log} = deps
  const directory = haproxyDirectory(deps.home, container.labels[label.want] ?? '')
  const gone = new AbortController()
  followLines(deps, directory, AbortSignal.any([signal, gone.signal]))
  try {
    const {admin} = socketsOf(deps, container.id, directory)
    if (container.state === 'running') {
      for (const name of frontendNames) await admin.send(`shutdown frontend ${name}`).catch(() => '')
      await drained(admin, clock, signal)
    }
    if (signal.aborted) return
    await engine.remove(container.id)
    await rm(directory.sockets, {recursive: true, force: true})
    log.info('removed the former router', {container: container.name})
  } catch (error) {
    if (!signal.aborted) log.error('could not remove the former router', {container: container.name, error})
  } finally {
    gone.abort()
  }
}

async function drained(admin: AdminSocket, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < retireSeconds; waited += 1) {
    // The admin connection itself is one.
    const info = await admin.send('show info').catch(() => 'CurrConns: 0')
    if (Number(/^CurrConns: (\d+)/m.exec(info)?.[1] ?? 0) <= 1) return
    await clock.sleep(1_000, signal)
  }
}
