import {createHash} from 'node:crypto'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

/** Where an engine may answer, in the words of docker-modem's options, and how we came to it. */
export interface Endpoint {
  /** As a person would write it: `unix:///var/run/docker.sock`. */
  url: string
  /** The strategy that named it. */
  source: string
  options: {
    socketPath?: string
    protocol?: 'http' | 'https' | 'ssh'
    host?: string
    port?: number
    username?: string
    ca?: Buffer
    cert?: Buffer
    key?: Buffer
  }
}

/** What of the machine decides where Docker is. */
export interface Surroundings {
  env: NodeJS.ProcessEnv
  platform: NodeJS.Platform
  homeDirectory: string
}

export interface Located {
  candidates: Endpoint[]
  /** One sentence for each strategy that does not apply. */
  notes: string[]
}

type Found = {endpoints: Endpoint[]} | {because: string}
type Strategy = (machine: Surroundings) => Found

/**
 * The endpoints to try, in order. What a person chose (DOCKER_HOST, a docker context) stands alone: falling
 * through to another engine would run their apps where they did not ask for it.
 */
export function locateDocker(machine: Surroundings): Located {
  const notes: string[] = []
  for (const strategy of [dockerHost, dockerContext]) {
    const found = strategy(machine)
    if ('endpoints' in found) return {candidates: found.endpoints, notes}
    notes.push(found.because)
  }
  const candidates: Endpoint[] = []
  for (const strategy of machine.platform === 'win32' ? [windowsPipe] : socketStrategies) {
    const found = strategy(machine)
    if ('endpoints' in found) candidates.push(...found.endpoints)
    else notes.push(found.because)
  }
  return {candidates, notes}
}

function dockerHost({env}: Surroundings): Found {
  const value = env['DOCKER_HOST']
  if (value === undefined || value === '') return {because: 'DOCKER_HOST is not set'}
  return fromUrl(value, 'DOCKER_HOST', tlsFromEnvironment(env))
}

function tlsFromEnvironment(env: NodeJS.ProcessEnv): string | undefined {
  const verified = env['DOCKER_TLS_VERIFY'] !== undefined && env['DOCKER_TLS_VERIFY'] !== ''
  return verified ? (env['DOCKER_CERT_PATH'] ?? join(env['HOME'] ?? '', '.docker')) : undefined
}

function dockerContext(machine: Surroundings): Found {
  const folder = machine.env['DOCKER_CONFIG'] ?? join(machine.homeDirectory, '.docker')
  const name = machine.env['DOCKER_CONTEXT'] || currentContext(folder)
  if (name === undefined || name === '' || name === 'default') return {because: 'no docker context is in use'}
  const id = createHash('sha256').update(name).digest('hex')
  const meta = readJson(join(folder, 'contexts', 'meta', id, 'meta.json')) as {Endpoints?: {docker?: {Host?: string}}} | undefined
  const host = meta?.Endpoints?.docker?.Host
  if (host === undefined) return {because: `the docker context ${name} has no endpoint in ${folder}`}
  const tls = join(folder, 'contexts', 'tls', id, 'docker')
  return fromUrl(host, `docker context ${name}`, existsSync(join(tls, 'ca.pem')) ? tls : undefined)
}

function currentContext(folder: string): string | undefined {
  return (readJson(join(folder, 'config.json')) as {currentContext?: string} | undefined)?.currentContext
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

function fromUrl(value: string, source: string, tlsFolder: string | undefined): Found {
  const path = /^(?:unix|npipe):\/\/(.+)$/.exec(value)?.[1]
  if (path !== undefined) return {endpoints: [{url: value, source, options: {socketPath: path}}]}
  const url = parseUrl(value.includes('://') ? value : `tcp://${value}`)
  if (url === undefined) return {because: `${source} is not an address of Docker: ${value}`}
  if (url.protocol === 'ssh:') {
    const options = {protocol: 'ssh' as const, host: url.hostname, port: Number(url.port || 22), username: url.username}
    return {endpoints: [{url: value, source, options}]}
  }
  const secure = tlsFolder !== undefined || url.protocol === 'https:'
  const options = {
    protocol: secure ? ('https' as const) : ('http' as const),
    host: url.hostname,
    port: Number(url.port || (secure ? 2376 : 2375)),
    ...(tlsFolder === undefined ? {} : certificates(tlsFolder)),
  }
  return {endpoints: [{url: value, source, options}]}
}

function parseUrl(value: string): URL | undefined {
  try {
    return new URL(value)
  } catch {
    return undefined
  }
}

function certificates(folder: string): {ca?: Buffer; cert?: Buffer; key?: Buffer} {
  const read = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : undefined)
  const ca = read('ca.pem')
  const cert = read('cert.pem')
  const key = read('key.pem')
  return {...(ca && {ca}), ...(cert && {cert}), ...(key && {key})}
}

function socketAt(source: string, path: (machine: Surroundings) => string | undefined): Strategy {
  return machine => {
    const socketPath = path(machine)
    if (socketPath === undefined) return {because: `${source}: XDG_RUNTIME_DIR is not set`}
    if (!existsSync(socketPath)) return {because: `${source}: there is no ${socketPath}`}
    return {endpoints: [{url: `unix://${socketPath}`, source, options: {socketPath}}]}
  }
}

function atRuntime(...parts: string[]): (machine: Surroundings) => string | undefined {
  return ({env}) => (env['XDG_RUNTIME_DIR'] ? join(env['XDG_RUNTIME_DIR'], ...parts) : undefined)
}

function atHome(...parts: string[]): (machine: Surroundings) => string | undefined {
  return ({homeDirectory}) => join(homeDirectory, ...parts)
}

const socketStrategies: Strategy[] = [
  socketAt('Docker', () => '/var/run/docker.sock'),
  socketAt('rootless Docker', atRuntime('docker.sock')),
  socketAt('Docker Desktop', atHome('.docker', 'run', 'docker.sock')),
  socketAt('Docker Desktop for Linux', atHome('.docker', 'desktop', 'docker.sock')),
  socketAt('Colima', atHome('.colima', 'default', 'docker.sock')),
  socketAt('OrbStack', atHome('.orbstack', 'run', 'docker.sock')),
  socketAt('Rancher Desktop', atHome('.rd', 'docker.sock')),
  socketAt('rootless Podman', atRuntime('podman', 'podman.sock')),
  socketAt('Podman', () => '/run/podman/podman.sock'),
]

function windowsPipe(): Found {
  const socketPath = '//./pipe/docker_engine'
  return {endpoints: [{url: `npipe:${socketPath}`, source: 'Docker Desktop', options: {socketPath}}]}
}
