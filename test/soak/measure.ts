import {existsSync} from 'node:fs'
import {readdir, readFile, readlink, rm, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {label} from '../../src/lib/engine/labels.js'
import {eventually} from '../support/eventually.js'
import type {HomeUnderFault} from '../support/faults.js'
import type {World} from '../support/world.js'

/** What there was at one moment, all apps with one dyno and nothing being done. Sizes in bytes. */
export interface Sample {
  /** Seconds since the clock started. */
  at: number
  /** The runtime's process; the level is that of one process. */
  pid: number
  memory: number
  /** Of the runtime, after a collection of garbage. */
  kept: number
  descriptors: number
  /** Of the descriptors, by what they are, to say what grew. */
  kinds: Record<string, number>
  threads: number
  children: number
  containers: number
  networks: number
  volumes: number
  images: number
  routerProcesses: number
  routerMemory: number
  store: number
  logs: number
  /** Of the home, without store and logs. */
  rest: number
  pushes: number
  releases: number
}

/** Lets the runtimes that are started in this world tell what they keep; before the first one is. */
export function letTellWhatIsKept(world: World): void {
  const preload = fileURLToPath(new URL('heap-on-signal.cjs', import.meta.url))
  world.env['NODE_OPTIONS'] = `--require ${JSON.stringify(preload)}`
  world.env['SOAK_HEAP'] = join(world.directory, 'heap')
}

export async function measure(world: World, home: HomeUnderFault): Promise<Omit<Sample, 'at' | 'pushes'>> {
  const {pid} = await home.call<{pid: number}>('GET', '/runtime')
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN)
  const kinds = await descriptorsOf(pid)
  const root = home.home.root
  const [all, logs, store] = [await bytesBelow(root), await bytesBelow(home.home.logs), await storeBytes(home.home.store)]
  const apps = await home.call<{name: string}[]>('GET', '/apps')
  const releases = await Promise.all(apps.map(app => home.releases(app.name)))
  return {
    pid,
    memory: field('VmRSS') * 1024,
    kept: await keptBy(pid, world.env['SOAK_HEAP'] as string),
    descriptors: Object.values(kinds).reduce((sum, count) => sum + count, 0),
    kinds,
    threads: field('Threads'),
    children: (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')).split(' ').filter(Boolean).length,
    store,
    logs,
    rest: all - logs - store,
    releases: releases.flat().length,
    ...(await ofEngine(world, home)),
  }
}

type OfEngine = Pick<Sample, 'containers' | 'networks' | 'volumes' | 'images' | 'routerProcesses' | 'routerMemory'>

async function ofEngine(world: World, {homeId}: HomeUnderFault): Promise<OfEngine> {
  const {docker} = world
  const filters = JSON.stringify({label: [`${label.home}=${homeId}`]})
  const containers = await world.engine.observe({[label.home]: homeId})
  const router = containers.find(one => one.labels[label.kind] === 'router')
  const top = (await docker.getContainer(router?.id ?? '').top({ps_args: '-eo pid,rss,comm'})) as {Processes: string[][]}
  const haproxies = top.Processes.filter(row => row[2]?.startsWith('haproxy'))
  return {
    containers: containers.length,
    networks: (await docker.listNetworks({filters})).length,
    volumes: (await docker.listVolumes({filters})).Volumes?.length ?? 0,
    // Stack and toolchain images carry the label of the home that happened to build them.
    images: (await world.engine.images({[label.home]: homeId, [label.kind]: 'slug'})).length,
    routerProcesses: haproxies.length,
    routerMemory: haproxies.reduce((sum, row) => sum + Number(row[1]) * 1024, 0),
  }
}

async function keptBy(pid: number, path: string): Promise<number> {
  await rm(path, {force: true})
  process.kill(pid, 'SIGUSR2')
  return Number(await eventually(() => readFile(path, 'utf8'), 10_000))
}

async function descriptorsOf(pid: number): Promise<Record<string, number>> {
  const kinds: Record<string, number> = {}
  for (const fd of await readdir(`/proc/${pid}/fd`)) {
    const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => undefined)
    if (target === undefined) continue
    const kind = /^(socket|pipe|anon_inode:[^\d]*)/.exec(target)?.[1] ?? 'file'
    kinds[kind] = (kinds[kind] ?? 0) + 1
  }
  return kinds
}

async function storeBytes(path: string): Promise<number> {
  const sizes = await Promise.all(['', '-wal', '-shm'].map(async suffix => (await stat(path + suffix).catch(() => undefined))?.size ?? 0))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Files come and go meanwhile. */
async function bytesBelow(folder: string): Promise<number> {
  if (!existsSync(folder)) return 0
  let sum = 0
  for (const entry of await readdir(folder, {withFileTypes: true}).catch(() => [])) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) sum += await bytesBelow(path)
    else if (entry.isFile()) sum += (await stat(path).catch(() => undefined))?.size ?? 0
  }
  return sum
}
