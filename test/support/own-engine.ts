import {type ChildProcess, spawn, spawnSync} from 'node:child_process'
import {closeSync, openSync, readdirSync, readFileSync} from 'node:fs'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {type IncomingMessage, request} from 'node:http'
import {networkInterfaces, tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Readable} from 'node:stream'
import {eventually} from './eventually.js'

const prefix = 'hk-engine-'

/** Why no second engine can be had here; undefined when it can. */
export function whyNoOwnEngine(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'a Docker engine of the tests own needs Linux and root'
  const missing = ['dockerd', 'ip'].find(program => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
  return missing && `a Docker engine of the tests own needs ${missing}`
}

/**
 * A dockerd of this test alone, to be stopped and killed: its data, sockets, containerd and bridge are its own, and it touches
 * neither iptables nor the machine's engine. So its containers have no way out to the internet.
 *
 * Never give dockerd `--bridge=none` or `--bip` here: either takes docker0 away from the machine's engine.
 */
export class OwnEngine implements AsyncDisposable {
  readonly socket: string
  private daemon: ChildProcess | undefined
  private readonly bridges = new Set<string>()

  private constructor(
    private readonly directory: string,
    private readonly bridge: string,
  ) {
    this.socket = join(directory, 'docker.sock')
  }

  get url(): string {
    return `unix://${this.socket}`
  }

  static async start(): Promise<OwnEngine> {
    sweepDead()
    const engine = new OwnEngine(await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`)), `hkt${process.pid}`)
    try {
      run('ip', 'link', 'add', engine.bridge, 'type', 'bridge')
      run('ip', 'address', 'add', freeAddress(), 'dev', engine.bridge)
      run('ip', 'link', 'set', engine.bridge, 'up')
      await engine.up()
    } catch (error) {
      await engine[Symbol.asyncDispose]()
      throw error
    }
    return engine
  }

  /** Starts it (again) and resolves when it answers. */
  async up(): Promise<void> {
    const path = (name: string): string => join(this.directory, name)
    const log = openSync(path('log'), 'a')
    const own = ['--data-root', path('data'), '--exec-root', path('exec'), '--pidfile', path('pid'), '--host', this.url]
    const network = ['--bridge', this.bridge, '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false']
    this.daemon = spawn('dockerd', [...own, ...network], {detached: true, stdio: ['ignore', log, log]})
    closeSync(log)
    await eventually(async () => {
      if (this.daemon?.exitCode !== null) throw new Error(`dockerd ended:\n${readFileSync(path('log'), 'utf8').slice(-2000)}`)
      await this.text('GET', '/_ping')
    }, 60_000)
  }

  /** As an operator stops it, which ends its containers, or as the kernel's OOM killer does, which leaves them running. */
  async down(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.rememberBridges()
    const {daemon} = this
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return
    const ended = new Promise(resolve => daemon.once('exit', resolve))
    daemon.kill(signal)
    await ended
    await this.containerdEnded()
  }

  /** It dies with dockerd, but a moment later; its pid file would make the next dockerd wait for it. */
  private async containerdEnded(): Promise<void> {
    const file = join(this.directory, 'exec', 'containerd', 'containerd.pid')
    const pid = Number(await readFile(file, 'utf8').catch(() => '0'))
    await eventually(() => {
      if (pid > 0 && isAlive(pid)) throw new Error(`containerd ${pid} has not ended`)
    }, 30_000)
    await rm(file, {force: true})
  }

  /** Gives it images of the engine that tests use otherwise. */
  async take(images: string[]): Promise<void> {
    const names = images.map(name => `names=${encodeURIComponent(name)}`).join('&')
    const saved = await call(machineSocket(), 'GET', `/images/get?${names}`)
    const loaded = await textOf(await call(this.socket, 'POST', '/images/load?quiet=1', saved))
    if (loaded.includes('"error"')) throw new Error(`the images could not be loaded: ${loaded}`)
  }

  async text(method: string, path: string): Promise<string> {
    return textOf(await call(this.socket, method, path))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.removeContainers().catch(() => undefined)
    await this.down('SIGTERM')
    clear(this.directory)
    for (const bridge of [this.bridge, ...this.bridges]) spawnSync('ip', ['link', 'delete', bridge])
    await rm(this.directory, {recursive: true, force: true})
  }

  private async removeContainers(): Promise<void> {
    const all = JSON.parse(await this.text('GET', '/containers/json?all=1')) as {Id: string}[]
    for (const {Id} of all) await this.text('DELETE', `/containers/${Id}?force=1`).catch(() => undefined)
    await this.rememberBridges()
    await this.text('POST', '/networks/prune')
  }

  private async rememberBridges(): Promise<void> {
    const networks = await this.text('GET', '/networks').catch(() => '[]')
    for (const {Id, Driver, Name} of JSON.parse(networks) as {Id: string; Driver: string; Name: string}[])
      if (Driver === 'bridge' && Name !== 'bridge') this.bridges.add(`br-${Id.slice(0, 12)}`)
  }
}

/** Where the engine is that tests use otherwise. */
export function machineSocket(): string {
  return process.env['DOCKER_HOST']?.replace('unix://', '') ?? '/var/run/docker.sock'
}

function call(socketPath: string, method: string, path: string, body?: Readable): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({socketPath, method, path, headers: body && {'Content-Type': 'application/x-tar'}}, resolve).on('error', reject)
    if (body === undefined) sent.end()
    else body.pipe(sent)
  })
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const text = Buffer.concat(await answer.toArray()).toString()
  if ((answer.statusCode ?? 500) >= 400) throw new Error(`Docker answers ${answer.statusCode}: ${text}`)
  return text
}

/** Outside of the pool from which hokku takes subnets. */
function freeAddress(): string {
  const taken = Object.values(networkInterfaces()).flatMap(addresses => (addresses ?? []).map(one => one.address))
  const free = Array.from({length: 250}, (_, index) => `10.207.${index + 1}.1`).find(address => !taken.includes(address))
  return `${free}/24`
}

/** Ends every process that names the directory (containerd and its shims, with what they run) and lets go of its mounts. */
function clear(directory: string): void {
  const named = processes().filter(one => one.command.includes(directory))
  const family = new Set(named.map(one => one.pid))
  for (let grown = true; grown; ) {
    const children = processes().filter(one => family.has(one.parent) && !family.has(one.pid))
    for (const {pid} of children) family.add(pid)
    grown = children.length > 0
  }
  for (const pid of family) kill(pid)
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n')
  for (const mount of mounts
    .map(line => line.split(' ')[1] ?? '')
    .filter(path => path.startsWith(`${directory}/`))
    .reverse())
    spawnSync('umount', ['--lazy', mount])
}

function processes(): {pid: number; parent: number; command: string}[] {
  return readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return []
    try {
      const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1])
      return [{pid: Number(name), parent, command: readFileSync(`/proc/${name}/cmdline`, 'utf8')}]
    } catch {
      return []
    }
  })
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Ended by itself.
  }
}

/** What a test run that was killed left behind. */
function sweepDead(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    clear(join(tmpdir(), name))
    spawnSync('ip', ['link', 'delete', `hkt${pid}`])
    spawnSync('rm', ['-rf', join(tmpdir(), name)])
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function run(program: string, ...args: string[]): void {
  const {status, stderr} = spawnSync(program, args, {encoding: 'utf8'})
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
}
