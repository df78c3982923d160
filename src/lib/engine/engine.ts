import type {Duplex, Readable} from 'node:stream'

/** `repository:tag` or a digest (`sha256:…`), as the engine accepts it. */
export type ImageRef = string

/** What is more than the engine's host has means all that it has. */
export interface Limits {
  /** Bytes; also the limit with swap, so a container never swaps. */
  memoryBytes: number
  /** Relative CPU weight, 1 = a 1x dyno (1024 in Docker). */
  cpuShares: number
  /** Most CPUs; undefined = no cap. */
  cpus?: number
  /** Most processes and threads. */
  pids: number
}

export type Mount =
  | {type: 'volume'; volume: string; target: string}
  | {type: 'bind'; source: string; target: string; readOnly: boolean}
  | {type: 'tmpfs'; target: string; sizeBytes: number}

export interface PublishedPort {
  containerPort: number
  /** Undefined: the engine picks one; `observe` tells which. */
  hostPort?: number
  /** Default 127.0.0.1. */
  hostAddress?: string
}

/** `host`: the host's own network; `none`: no network; else the networks to join, the first one at start. */
export type Networking = 'host' | 'none' | {network: string; aliases?: string[]}[]

/** Everything an engine must know to run one container. Plain data; the same spec twice means the same container. */
export interface ContainerSpec {
  /** Unique on the engine, and the identity for idempotence: `hokku-demo.web.1.v8`. */
  name: string
  image: ImageRef
  /** argv; undefined = the image's own entrypoint and command. */
  command?: string[]
  /** Replaces the image's entrypoint when given; `[]` clears it. */
  entrypoint?: string[]
  env: Record<string, string>
  labels: Record<string, string>
  /** `uid:gid` or a name in the image; undefined = the image's user. */
  user?: string
  workdir?: string
  limits?: Limits
  networking: Networking
  mounts?: Mount[]
  publish?: PublishedPort[]
  /** A name under which it reaches this machine, where that is not itself (engine in a VM). */
  hostAlias?: string
  /** A terminal of that size; undefined = plain pipes. */
  tty?: TtySize
  /** Whether stdin stays open for an attached client. */
  stdin?: boolean
  /** What `stop` sends first; default SIGTERM, whatever the image says, as on Heroku. */
  stopSignal?: string
  /** Every container drops all capabilities, gets no-new-privileges and an init as PID 1; a server of ours that needs a capability names it here. */
  capabilities?: string[]
  /** Whether the engine starts it again by itself after its own restart or a crash (router, add-ons); dynos never. */
  restart: 'never' | 'always'
  /** Whether the engine keeps a copy of the output (`logs`). `none` for one-off dynos with a terminal. */
  keepOutput: 'copy' | 'none'
}

export interface TtySize {
  columns: number
  rows: number
}

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead'

/** A container as the engine sees it now; found by labels, never remembered. */
export interface ObservedContainer {
  id: string
  name: string
  labels: Record<string, string>
  state: ContainerState
  createdAt: Date
  /** Undefined unless it has been started. */
  startedAt?: Date
  /** Undefined unless `state` is exited or dead. */
  finishedAt?: Date
  exitCode?: number
  outOfMemory?: boolean
  /** Network name → IPv4 address, of running containers. */
  addresses: Record<string, string>
  /** Container port → port on the host. */
  ports: Record<number, number>
}

/** One stretch of output. Chunks of one stream arrive in order; a chunk need not end at a line's end. */
export interface OutputChunk {
  stream: 'stdout' | 'stderr'
  data: Buffer
}

/** A container created and started, its output attached before the first byte was written (engine-facts.md, Logs). */
export interface Started {
  id: string
  /** The address at which the host reaches it, on the first network named; undefined where there is none. */
  address: string | undefined
}

export type EngineEvent =
  | {type: 'start'; id: string; name: string; labels: Record<string, string>; at: Date}
  | {type: 'die'; id: string; name: string; labels: Record<string, string>; at: Date; exitCode: number}
  | {type: 'oom'; id: string; name: string; labels: Record<string, string>; at: Date}
  | {type: 'destroy'; id: string; name: string; labels: Record<string, string>; at: Date}
  | {type: 'pause'; id: string; name: string; labels: Record<string, string>; at: Date}
  /** A container has left a network; that it ends is one reason for it. Comes for containers of any labels. */
  | {type: 'cut'; id: string; at: Date}
  /** The event stream broke (`since`) and was opened again: whoever listens must observe afresh. */
  | {type: 'resync'; since: Date; at: Date}

export interface Usage {
  at: Date
  cpuPercent: number
  memoryBytes: number
  memoryCacheBytes: number
  memoryLimitBytes: number
  pids: number
}

/** What a build writes: a Dockerfile's steps as BuildKit reports them. */
export type BuildProgress =
  /** `name` is the vertex's name, `[stage 2/5] RUN …`. */
  | {type: 'started'; vertex: string; name: string; cached: boolean}
  | {type: 'output'; vertex: string; name: string; line: string}
  | {type: 'done'; vertex: string; name: string; cached: boolean; error?: string}

export interface BuildRequest {
  /** A tar stream that holds the Dockerfile and everything it copies. */
  context: Readable
  /** Path of the Dockerfile in the context; default `Dockerfile`. */
  dockerfile?: string
  target?: string
  /** Build args, never secrets. */
  args?: Record<string, string>
  /** Served to `RUN --mount=type=secret,id=…`; in no layer, history or cache. */
  secrets?: Record<string, Buffer>
  /** Name → IPv4 address of containers that its steps can reach; with any, the steps share the host's network. */
  hosts?: Record<string, string>
  tags: string[]
  labels?: Record<string, string>
  onProgress: (progress: BuildProgress) => void
  /** Aborting it stops the build in the engine. */
  signal?: AbortSignal
}

export interface Image {
  /** `sha256:…` */
  id: ImageRef
  tags: string[]
  labels: Record<string, string>
  sizeBytes: number
  createdAt: Date
  /** Digests from the base up: an image whose list begins with another's descends from it. */
  layers: string[]
  /** Of the image's config. */
  config: {entrypoint: string[]; command: string[]; user: string; env: Record<string, string>; exposedPorts: number[]}
}

/** One thing that BuildKit keeps to build faster. */
export interface CacheRecord {
  id: string
  /** What made it, in BuildKit's words: `mount / from exec /bin/sh -c …`. */
  description: string
  /** What it lies upon; empty for nothing. */
  parents: string[]
  sizeBytes: number
  /** By a build that runs. */
  inUse: boolean
  /** An image has the same layer: removing the record frees nothing. */
  shared: boolean
  lastUsedAt: Date
}

/** What the engine has on its disk, in bytes. */
export interface Storage {
  /** All layers of all images, each counted once. */
  layerBytes: number
  cache: CacheRecord[]
  /** Undefined where the engine's disk cannot be seen. */
  disk: {freeBytes: number; totalBytes: number} | undefined
}

export interface ExecResult {
  exitCode: number
  stdout: Buffer
  stderr: Buffer
}

/** An interactive process: raw bytes both ways. */
export interface Session {
  /** Write stdin here (`end()` is its end of file), read stdout and stderr here as one. Ends when the process does. */
  stream: Duplex
  /** Without a terminal or after the end it does nothing. */
  resize(size: TtySize): Promise<void>
  /** The process's exit code, once it has ended. */
  ended: Promise<number>
}

/**
 * Runs containers. Every method is idempotent where it can be: "already so" is success. Errors are EngineError only.
 * Labels passed as filters match containers that carry all of them.
 */
export interface Engine {
  /** Throws EngineError('unavailable') with what was tried when the engine does not answer. */
  ping(): Promise<EngineVersion>
  /** Where it answers and what it says of itself now. Throws as `ping` does. */
  diagnose(): Promise<EngineDiagnosis>
  readonly capabilities: EngineCapabilities

  observe(labels: Record<string, string>): Promise<ObservedContainer[]>
  /**
   * Creates the container, attaches `onOutput` before it starts, starts it. If one of that name exists and is the same spec
   * (label `hokku.spec`, a hash the engine adds) and runs, it is returned; if it differs or has ended, it is removed first.
   * A command that cannot be executed is EngineError('exec_failed') with exitCode 126 or 127, and the container is left exited
   * (its init ran, so `start` and `die` events come as well).
   * `onOutput` is called for each chunk, must not block, and gets `undefined` once at the end of the output.
   */
  start(spec: ContainerSpec, onOutput?: (chunk: OutputChunk | undefined) => void): Promise<Started>
  /** Creates and starts with stdin, stdout, stderr in our hands (one-off dynos). The session is open before the first byte. */
  startAttached(spec: ContainerSpec): Promise<Started & {session: Session}>
  /** Reads the output of a running container from now on. Resolves when attached; `onOutput(undefined)` at its end. */
  attach(id: string, onOutput: (chunk: OutputChunk | undefined) => void, signal?: AbortSignal): Promise<void>
  /** The engine's own copy of the output since a moment, oldest first, without following. Each line has the engine's time. */
  output(id: string, since: Date): AsyncIterable<{at: Date; stream: 'stdout' | 'stderr'; line: Buffer}>
  /** The spec's stop signal, then SIGKILL after the grace period (seconds). Not found or already stopped is success. */
  stop(id: string, how: {graceSeconds: number}): Promise<void>
  kill(id: string, signal: string): Promise<void>
  /** Freezes all its processes until `resume`; connections stay, and wait. Frozen already, or not running, is success. */
  pause(id: string): Promise<void>
  /** Lets the processes of a paused container go on. Not found or not paused is success. */
  resume(id: string): Promise<void>
  /** Resolves with the exit code when it has ended. */
  wait(id: string, signal?: AbortSignal): Promise<number>
  /** Removes the container, running or not. Not found is success. */
  remove(id: string): Promise<void>
  /**
   * Hands over what lies at an absolute path of a container as a tar, whose paths begin with the last name of that path; undefined when there
   * is nothing. A link is itself, not what it points to. The tar ends when `take` does.
   */
  containerTree<T>(id: string, path: string, take: (tar: Readable) => Promise<T>): Promise<T | undefined>
  exec(
    id: string,
    command: string[],
    options?: {user?: string; env?: Record<string, string>; stdin?: Buffer; signal?: AbortSignal},
  ): Promise<ExecResult>
  execAttached(id: string, command: string[], options: {user?: string; env?: Record<string, string>; tty?: TtySize}): Promise<Session>
  /**
   * Whether something listens on that TCP port of the container: a connect from the host where it can route there, else a look inside.
   * `sockets` is argv that prints its /proc/net/tcp and /proc/net/tcp6, for images without `cat`.
   */
  listening(container: {id: string; address: string | undefined}, port: number, sockets?: string[]): Promise<boolean>
  /** Never ends; after a broken connection it reconnects and yields `resync`. Stops when the signal aborts. */
  events(labels: Record<string, string>, signal: AbortSignal): AsyncIterable<EngineEvent>
  /** One reading a second while the container runs. */
  usage(id: string, signal: AbortSignal): AsyncIterable<Usage>

  /** Returns the image's id. EngineError('build_failed') carries the failing step and its exit code. */
  build(request: BuildRequest): Promise<ImageRef>
  /** Undefined when there is no such image. */
  image(ref: ImageRef): Promise<Image | undefined>
  images(labels: Record<string, string>): Promise<Image[]>
  /** A regular file of an image, by its absolute path; undefined when the image has none there. Costs the creation of a container. */
  imageFile(ref: ImageRef, path: string): Promise<Buffer | undefined>
  /**
   * Hands over what lies at an absolute path of an image as a tar, whose paths begin with the last name of that path; undefined when there
   * is nothing. The tar ends when `take` does.
   */
  imageTree<T>(ref: ImageRef, path: string, take: (tar: Readable) => Promise<T>): Promise<T | undefined>
  /** Bytes of a gzipped tar of what lies at an absolute path of an image, 0 when nothing does. Takes seconds for each 100 MB. */
  gzippedSize(ref: ImageRef, path: string, signal: AbortSignal): Promise<number>
  tag(ref: ImageRef, tag: string): Promise<void>
  /** EngineError('pull_failed') when no registry has it or answers. */
  pull(ref: ImageRef, onLine: (line: string) => void): Promise<void>
  removeImage(ref: ImageRef): Promise<void>
  /** Hands over images with their tags as one tar, layers they share once. It ends when `take` does. EngineError('not_found') for one that is not there. */
  saveImages<T>(refs: ImageRef[], take: (tar: Readable) => Promise<T>): Promise<T>
  /** Makes of what `saveImages` gave the same images, under the same ids and tags. */
  loadImages(tar: Readable): Promise<void>
  /** Takes a second or more where there is much. */
  storage(): Promise<Storage>
  /** Removes records of the build cache that no build uses now; one that others lie upon goes after them. Returns the bytes freed. */
  removeCache(ids: string[]): Promise<number>

  /** With an explicit subnet of our own pool (Docker's default pools end after about 30 networks). */
  ensureNetwork(name: string, labels: Record<string, string>): Promise<void>
  /** Joins a container to a network; already joined is success. */
  connect(id: string, network: string, aliases: string[]): Promise<void>
  disconnect(id: string, network: string): Promise<void>
  ensureVolume(name: string, labels: Record<string, string>): Promise<void>
  /**
   * Hands over all that a volume holds as a tar, with owners and modes; undefined when there is no such volume. Nobody should write into it
   * meanwhile. The engine needs some image for that. The tar ends when `take` does.
   */
  volumeTree<T>(name: string, image: ImageRef, take: (tar: Readable) => Promise<T>): Promise<T | undefined>
  /** Puts what `volumeTree` gave into a volume. A tar that breaks off is an error, with a part of the files there. */
  fillVolume(name: string, image: ImageRef, tar: Readable): Promise<void>
  /** Removes everything that carries all those labels, containers first. What is not there is success. */
  removeAll(labels: Record<string, string>): Promise<void>
  close(): Promise<void>
}

export interface EngineVersion {
  version: string
  apiVersion: string
  architecture: 'x64' | 'arm64'
  cpus: number
  memoryBytes: number
}

export interface EngineDiagnosis extends EngineVersion {
  /** `unix:///var/run/docker.sock` */
  url: string
  /** What named that address: `DOCKER_HOST`, `docker context work`, `Docker` … */
  source: string
  /** Its own clock; undefined when it does not tell. */
  clock: Date | undefined
  /** Where it keeps images and volumes, when that is on this machine. */
  directory: string | undefined
}

export interface EngineCapabilities {
  /** Whether the host can open connections to a container's own address (Linux without a VM). */
  routableAddresses: boolean
  /** Whether a container can share the host's network with the host's ports reachable (Linux without a VM). */
  hostNetwork: boolean
}

export type EngineErrorCode =
  | 'unavailable'
  | 'permission'
  | 'too_old'
  | 'not_found'
  | 'conflict'
  | 'port_taken'
  | 'exec_failed'
  | 'build_failed'
  | 'canceled'
  | 'pull_failed'
  | 'no_space'
  | 'failed'

export class EngineError extends Error {
  readonly code: EngineErrorCode
  /** Of the process that could not start or of the build step that failed. */
  readonly exitCode: number | undefined

  constructor(code: EngineErrorCode, message: string, options: {exitCode?: number; cause?: unknown} = {}) {
    super(message, options.cause === undefined ? undefined : {cause: options.cause})
    this.name = 'EngineError'
    this.code = code
    this.exitCode = options.exitCode
  }
}
