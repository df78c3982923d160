import {createHash} from 'node:crypto'
import type {Readable} from 'node:stream'
import {buffer as readAll, text} from 'node:stream/consumers'
import {extract, pack} from 'tar-stream'
import {
  type BuildProgress,
  type BuildRequest,
  type CacheRecord,
  type Engine,
  EngineError,
  type EngineVersion,
  type Image,
} from '../engine.js'
import {label} from '../labels.js'
import {memoryContainers, remove} from './memory-containers.js'
import type {Program} from './process.js'
import {shell} from './shell.js'
import {realTime, type Time} from './time.js'
import {treeOf} from './tree.js'
import {memoryVolumes} from './volumes.js'
import {carries, World} from './world.js'

/** A build as a test sees it. */
export interface RecordedBuild {
  dockerfile: string
  target: string | undefined
  args: Record<string, string>
  secrets: Record<string, Buffer>
  tags: string[]
  labels: Record<string, string>
  /** The tar that was sent. */
  context: Buffer
}

export interface MemoryOptions {
  home?: string
  time?: Time
  /** Addresses of containers lead nowhere from here. */
  inVm?: boolean
  /** Runs instead of the small shell. */
  program?: Program
  /** Tags that are there from the beginning; default `debian:13-slim`. */
  images?: string[]
  /** Called for each build; may report progress, take its time, set the image's config and files, or throw an EngineError. */
  build?: (
    build: RecordedBuild,
    report: {progress: (progress: BuildProgress) => void; image: Image; files: Map<string, string>; signal: AbortSignal},
  ) => Promise<void> | void
}

/** An Engine with levers for tests: what happens to containers behind our back. */
export interface MemoryEngine extends Engine {
  readonly builds: readonly RecordedBuild[]
  /** Its build cache: what is pushed here is there. */
  readonly cache: CacheRecord[]
  /** Its disk, in bytes. */
  readonly disk: {freeBytes: number; totalBytes: number}
  /** The process ends by itself. `container` is a name or an id, here and below. */
  crash(container: string, exitCode: number): void
  /** Killed for its memory: an `oom` event, then the end with 137. */
  runOutOfMemory(container: string): void
  /** Somebody removes it by force. */
  vanish(container: string): Promise<void>
  /** Programs of this container print a line. */
  print(container: string, text: string): void
  /** Listeners hear `resync`, as after a broken connection. */
  breakEvents(): void
  /** Every call fails with `unavailable` until `comeUp`. */
  goDown(): void
  comeUp(): void
}

export function memoryEngine(options: MemoryOptions = {}): MemoryEngine {
  const time = options.time ?? realTime
  const world = new World(time, options.program ?? shell, options.home === undefined ? {} : {[label.home]: options.home})
  for (const tag of options.images ?? ['debian:13-slim']) world.addImage(world.newImage(digest(tag), {}), [tag])
  const builds: RecordedBuild[] = []
  const engine = {...engineOf(world), build: (request: BuildRequest) => build(world, builds, request, options.build)}
  return {
    ...refusingWhenDown(world, engine),
    capabilities: {routableAddresses: options.inVm !== true, hostNetwork: options.inVm !== true},
    builds,
    cache: world.cache,
    disk: world.disk,
    ...levers(world),
  }
}

const version: EngineVersion = {version: 'memory', apiVersion: '1.41', architecture: 'x64', cpus: 2, memoryBytes: 8 * 2 ** 30}

function engineOf(world: World): Omit<Engine, 'build' | 'capabilities'> {
  return {
    ping: async () => version,
    diagnose: async () => ({...version, url: 'memory:', source: 'this process', clock: new Date(world.time.now()), directory: undefined}),
    ...memoryContainers(world),
    async *output(id, since) {
      for (const line of world.container(id).kept) if (line.at >= since) yield line
    },
    events(labels, signal) {
      const all = world.events.listen(signal)
      return filtered(all, labels)
    },
    async *usage(id, signal) {
      while (!signal.aborted && world.find(id)?.state === 'running') {
        await world.time.sleep(1000, signal).catch(() => undefined)
        const {limits} = world.find(id)?.spec ?? {}
        const memoryLimitBytes = limits?.memoryBytes ?? 8 * 2 ** 30
        if (!signal.aborted)
          yield {at: world.time.now(), cpuPercent: 1, memoryBytes: 20 * 2 ** 20, memoryCacheBytes: 2 ** 20, memoryLimitBytes, pids: 3}
      }
    },
    ...memoryImages(world),
    ...memoryStorage(world),
    ensureNetwork: async (name, labels) => world.addNetwork(name, {...world.common, ...labels}),
    async connect(id, network, aliases) {
      const {networks} = world.container(id)
      if (!networks.has(network)) networks.set(network, {address: world.address(network), aliases})
    },
    async disconnect(id, network) {
      const container = world.find(id)
      if (container?.networks.delete(network)) world.events.send({type: 'cut', id: container.id, at: world.time.now()})
    },
    ...memoryVolumes(world),
    async removeAll(labels) {
      if (Object.keys(labels).length === 0) throw new EngineError('failed', 'Removing everything needs at least one label.')
      for (const container of world.labelled(world.containers.values(), labels)) await remove(world, container)
      for (const things of [world.networks, world.volumes]) {
        for (const [name, thing] of things) if (carries(thing.labels, labels)) things.delete(name)
      }
    },
    close: async () => undefined,
  }
}

function memoryImages(
  world: World,
): Pick<
  Engine,
  'image' | 'images' | 'imageFile' | 'imageTree' | 'gzippedSize' | 'tag' | 'pull' | 'removeImage' | 'saveImages' | 'loadImages'
> {
  return {
    image: async ref => copyOf(world.imageOf(ref)),
    images: async labels => world.labelled(world.images.values(), labels).map(image => ({...image})),
    async imageFile(ref, path) {
      const image = world.imageOf(ref)
      if (image === undefined) throw new EngineError('not_found', `There is no image ${ref}.`)
      const text = world.imageFiles.get(image.id)?.get(path)
      return text === undefined ? undefined : Buffer.from(text)
    },
    async imageTree(ref, path, take) {
      const image = world.imageOf(ref)
      if (image === undefined) throw new EngineError('not_found', `There is no image ${ref}.`)
      const found = [...(world.imageFiles.get(image.id) ?? [])].filter(([name]) => name === path || name.startsWith(`${path}/`))
      return found.length === 0 ? undefined : await take(treeOf(path, found))
    },
    async gzippedSize(ref, path) {
      const image = world.imageOf(ref)
      if (image === undefined) throw new EngineError('not_found', `There is no image ${ref}.`)
      // As if half of it were redundant, and all of it the app.
      return path === '/app' ? Math.round(image.sizeBytes / 2) : 0
    },
    async tag(ref, tag) {
      const image = world.imageOf(ref)
      if (image === undefined) throw new EngineError('not_found', `There is no image ${ref}.`)
      world.addImage(image, [tag])
    },
    async pull(ref) {
      if (world.imageOf(ref) === undefined) throw new EngineError('pull_failed', `No registry has ${ref}.`)
    },
    removeImage: async ref => removeImage(world, ref),
    async saveImages(refs, take) {
      const tar = pack()
      for (const ref of refs) {
        const image = world.imageOf(ref)
        if (image === undefined) throw new EngineError('not_found', `There is no image ${ref}.`)
        tar.entry({name: image.id}, JSON.stringify({...image, files: [...(world.imageFiles.get(image.id) ?? [])]}))
      }
      tar.finalize()
      return await take(tar as unknown as Readable)
    },
    async loadImages(tar) {
      const unpack = extract()
      tar.on('error', error => unpack.destroy(error)).pipe(unpack)
      for await (const entry of unpack) {
        const {files, ...image} = JSON.parse(await text(entry)) as Image & {files: [string, string][]; createdAt: string}
        world.addImage({...image, createdAt: new Date(image.createdAt)}, image.tags)
        world.imageFiles.set(image.id, new Map(files))
      }
    },
  }
}

/** Build cache is what tests put into `cache`. */
function memoryStorage(world: World): Pick<Engine, 'storage' | 'removeCache'> {
  return {
    storage: async () => {
      const layers = new Set([...world.images.values()].flatMap(image => image.layers))
      return {layerBytes: layers.size * 100_000_000, cache: [...world.cache], disk: {...world.disk}}
    },
    async removeCache(ids) {
      const gone = world.cache.filter(({id, inUse}) => ids.includes(id) && !inUse)
      for (const record of gone) world.cache.splice(world.cache.indexOf(record), 1)
      return gone.reduce((total, {sizeBytes, shared}) => total + (shared ? 0 : sizeBytes), 0)
    },
  }
}

function copyOf(image: Image | undefined): Image | undefined {
  return image && {...image}
}

async function* filtered(all: ReturnType<Engine['events']>, labels: Record<string, string>): ReturnType<Engine['events']> {
  for await (const event of all) if (event.type === 'resync' || event.type === 'cut' || carries(event.labels, labels)) yield event
}

function removeImage(world: World, ref: string): void {
  const image = world.imageOf(ref)
  if (image === undefined) return
  image.tags = image.tags.filter(tag => tag !== ref)
  if (ref !== image.id && image.tags.length > 0) return
  const user = [...world.containers.values()].find(({spec, state}) => state === 'running' && world.imageOf(spec.image)?.id === image.id)
  if (user !== undefined) throw new EngineError('conflict', `${user.spec.name} runs the image ${ref}.`)
  world.images.delete(image.id)
  world.imageFiles.delete(image.id)
}

async function build(world: World, builds: RecordedBuild[], request: BuildRequest, hook: MemoryOptions['build']): Promise<string> {
  const signal = request.signal ?? new AbortController().signal
  const context = await readAll(request.context)
  const {dockerfile = 'Dockerfile', target, args = {}, secrets = {}, tags, labels = {}} = request
  const record: RecordedBuild = {dockerfile, target, args, secrets, tags, labels: {...world.common, ...labels}, context}
  builds.push(record)
  const name = digest(JSON.stringify({dockerfile, target, args}), context)
  const image = world.newImage(name, record.labels)
  const vertex = digest(name)
  request.onProgress({type: 'started', vertex, name: `[1/1] build ${dockerfile}`, cached: false})
  const files = new Map<string, string>()
  await Promise.race([hook?.({...record}, {progress: request.onProgress, image, files, signal}), aborted(signal)])
  request.onProgress({type: 'done', vertex, name: `[1/1] build ${dockerfile}`, cached: false})
  world.addImage(image, tags)
  world.imageFiles.set(name, files)
  return name
}

/** Rejects when aborted; resolves at once where it is not, unless the hook takes its time. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = () => reject(new EngineError('canceled', 'The build was canceled.'))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, {once: true})
  })
}

function digest(...parts: (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return `sha256:${hash.digest('hex')}`
}

/** Every method that returns a promise rejects while the engine is down. */
function refusingWhenDown<T extends Record<string, unknown>>(world: World, engine: T): T {
  const wrapped = Object.entries(engine).map(([name, method]) => {
    if (typeof method !== 'function' || name === 'events' || name === 'output' || name === 'usage' || name === 'close')
      return [name, method]
    const guarded = async (...args: unknown[]) => {
      if (!world.up) throw new EngineError('unavailable', 'The engine does not answer. Tried: memory')
      return method(...args)
    }
    return [name, guarded]
  })
  return Object.fromEntries(wrapped) as T
}

function levers(world: World): Omit<MemoryEngine, keyof Engine | 'builds' | 'cache' | 'disk'> {
  return {
    crash: (ref, exitCode) => world.container(ref).process?.die(exitCode),
    runOutOfMemory(ref) {
      const container = world.container(ref)
      container.outOfMemory()
      container.process?.die(137)
    },
    vanish: ref => remove(world, world.container(ref)),
    print: (ref, text) => world.container(ref).process?.print('stdout', text),
    breakEvents: () => world.events.send({type: 'resync', since: world.time.now(), at: world.time.now()}),
    goDown() {
      world.up = false
      world.downSince = world.time.now()
    },
    comeUp() {
      world.up = true
      world.events.send({type: 'resync', since: world.downSince ?? world.time.now(), at: world.time.now()})
    },
  }
}
