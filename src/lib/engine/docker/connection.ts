import {homedir, release} from 'node:os'
import Docker from 'dockerode'
import {type EngineCapabilities, EngineError, type EngineVersion} from '../engine.js'
import {engineError} from './errors.js'
import {type Endpoint, locateDocker} from './locate.js'

/** An engine that has answered. */
export interface Connection {
  endpoint: Endpoint
  version: EngineVersion
  capabilities: EngineCapabilities
  /** docker-modem's `dial` as a promise; its options are untyped. */
  dial(options: Record<string, unknown>): Promise<unknown>
}

/** Oldest Engine API we speak: that of Docker 20.10, the first with everything BuildKit needs here. */
const oldestApi = '1.41'

/** Connects when first asked, and again after `drop()`; a failure is never remembered. */
export function lazyConnection(env: NodeJS.ProcessEnv): {get(): Promise<Connection>; drop(): void; current(): Connection | undefined} {
  let pending: Promise<Connection> | undefined
  let last: Connection | undefined
  return {
    get() {
      pending ??= connect(env).then(
        connection => {
          last = connection
          return connection
        },
        error => {
          pending = undefined
          throw error
        },
      )
      return pending
    },
    drop() {
      pending = undefined
    },
    current: () => last,
  }
}

async function connect(env: NodeJS.ProcessEnv): Promise<Connection> {
  const {candidates, notes} = locateDocker({env, platform: process.platform, homeDirectory: env['HOME'] ?? homedir()})
  let denied: EngineError | undefined
  for (const endpoint of candidates) {
    try {
      return await reach(endpoint)
    } catch (error) {
      const failure = engineError(error, `be reached at ${endpoint.url}`)
      if (failure.code === 'too_old') throw failure
      if (failure.code === 'permission') denied ??= failure
      notes.push(`${endpoint.source}: ${failure.message}`)
    }
  }
  const tried = notes.map(note => `  ${note}`).join('\n')
  if (denied !== undefined) {
    throw new EngineError('permission', `Docker is there, but this user may not talk to it. Tried:\n${tried}`, {cause: denied})
  }
  throw new EngineError('unavailable', `Docker does not answer. Tried:\n${tried}`)
}

const noOptions = {
  socketPath: undefined,
  protocol: 'http',
  host: undefined,
  port: undefined,
  username: undefined,
  ca: undefined,
  cert: undefined,
  key: undefined,
  pathPrefix: '/',
}

interface VersionAnswer {
  Version: string
  ApiVersion: string
  Arch: string
}

interface InfoAnswer {
  NCPU: number
  MemTotal: number
  OperatingSystem: string
  KernelVersion?: string
  SecurityOptions?: string[]
}

async function reach(endpoint: Endpoint): Promise<Connection> {
  // Every option is named, else docker-modem fills it from DOCKER_HOST of this process.
  const {modem} = new Docker({...noOptions, ...endpoint.options} as Docker.DockerOptions)
  const dial = (options: Record<string, unknown>) =>
    new Promise((resolve, reject) => {
      modem.dial(options as never, (error: unknown, answer: unknown) => (error ? reject(error) : resolve(answer)))
    })
  const get = (path: string) => dial({path, method: 'GET', statusCodes: {200: true}, abortSignal: AbortSignal.timeout(10_000)})
  const about = (await get('/version')) as VersionAnswer
  if (olderThan(about.ApiVersion, oldestApi)) {
    throw new EngineError(
      'too_old',
      `Docker ${about.Version} at ${endpoint.url} speaks API ${about.ApiVersion}; ${oldestApi} (Docker 20.10) or newer is needed.`,
    )
  }
  const info = (await get('/info')) as InfoAnswer
  return {endpoint, version: versionOf(about, info), capabilities: capabilitiesOf(endpoint, info), dial}
}

function olderThan(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number)
  return major < leastMajor || (major === leastMajor && minor < leastMinor)
}

function versionOf(about: VersionAnswer, info: InfoAnswer): EngineVersion {
  return {
    version: about.Version,
    apiVersion: about.ApiVersion,
    architecture: /arm64|aarch64/.test(about.Arch) ? 'arm64' : 'x64',
    cpus: info.NCPU,
    memoryBytes: info.MemTotal,
  }
}

/**
 * Rootless engines and engines in a VM keep container addresses and ports in a network of their own. A VM has its own kernel, whatever socket
 * leads to it: Docker Desktop, Colima and Rancher Desktop run on Linux too.
 */
function capabilitiesOf(endpoint: Endpoint, info: InfoAnswer): EngineCapabilities {
  const local = process.platform === 'linux' && endpoint.options.socketPath !== undefined
  const rootless = info.SecurityOptions?.some(option => option.includes('rootless')) ?? false
  const inVm = info.OperatingSystem.includes('Docker Desktop') || !['', '<unknown>', release()].includes(info.KernelVersion ?? '')
  const direct = local && !rootless && !inVm
  return {routableAddresses: direct, hostNetwork: direct}
}
