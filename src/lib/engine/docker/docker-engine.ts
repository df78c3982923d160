import {setMaxListeners} from 'node:events'
import {availableParallelism} from 'node:os'
import type {Engine, EngineCapabilities, EngineDiagnosis} from '../engine.js'
import {label} from '../labels.js'
import {type DockerApi, dockerApi} from './api.js'
import {bounded} from './bounded.js'
import {dockerBuild} from './build.js'
import {lazyConnection} from './connection.js'
import {containers as dockerContainers} from './containers.js'
import {dockerEvents} from './events.js'
import {containerTree} from './image-file.js'
import {images} from './images.js'
import {isListening} from './listening.js'
import {dockerNetworks} from './networks.js'
import {dockerOutput} from './output.js'
import {removeAll} from './removal.js'
import {execs} from './sessions.js'
import {starting} from './start.js'
import {storage} from './storage.js'
import {dockerUsage} from './usage.js'
import {volumes} from './volumes.js'

export interface DockerOptions {
  /** Value of the label `hokku.home` on everything this engine makes. */
  home?: string
  /** Where DOCKER_HOST, DOCKER_CONTEXT and the like are read; default the process's. */
  env?: NodeJS.ProcessEnv
}

/**
 * Docker as an Engine. It resolves though Docker may be down: then `ping()` says what was tried, and calls work as
 * soon as Docker answers. Only `permission` and `too_old` wait for somebody to act, and they too are tried again.
 */
export async function connectDocker(options: DockerOptions = {}): Promise<Engine> {
  const engine = dockerEngine(options)
  await engine.ping().catch(() => undefined)
  return engine
}

function dockerEngine({home, env = process.env}: DockerOptions): Engine {
  const connection = lazyConnection(env)
  const api = dockerApi(connection)
  const common: Record<string, string> = home === undefined ? {} : {[label.home]: home}
  const closing = new AbortController()
  // Every stream that is open listens for the end.
  setMaxListeners(0, closing.signal)
  const networks = dockerNetworks(api, common)
  const containers = dockerContainers(api, closing.signal)
  const slots = bounded(Math.max(4, availableParallelism()))
  const {exec, execAttached} = execs(api)
  const capabilities = () => connection.current()?.capabilities ?? guessed()
  return {
    async ping() {
      await api.request({method: 'GET', path: '/_ping', doing: 'answer'})
      return (await api.connection()).version
    },
    diagnose: () => diagnose(api),
    get capabilities() {
      return capabilities()
    },
    ...containers,
    ...starting({api, networks, common, slots, closing: closing.signal, containers}),
    containerTree: (id, path, take) => containerTree(api, {id, path}, take),
    exec,
    execAttached,
    output: (id, since) => dockerOutput(api, id, since),
    listening: (container, port, sockets) => isListening(exec, container, port, capabilities().routableAddresses, sockets),
    events: (labels, signal) => dockerEvents(api, labels, AbortSignal.any([signal, closing.signal])),
    usage: (id, signal) => dockerUsage(api, id, AbortSignal.any([signal, closing.signal])),
    build: request => dockerBuild(api, request, common),
    ...images(api, common),
    ...storage(api),
    ensureNetwork: networks.ensureNetwork,
    connect: networks.connect,
    disconnect: networks.disconnect,
    ...volumes(api, common),
    removeAll: labels => removeAll(api, labels, {networks, containers}),
    async close() {
      closing.abort()
    },
  }
}

async function diagnose(api: DockerApi): Promise<EngineDiagnosis> {
  const info = await api.request<{SystemTime?: string; DockerRootDir?: string}>({method: 'GET', path: '/info', doing: 'tell of itself'})
  const {endpoint, version, capabilities} = await api.connection()
  return {
    ...version,
    url: endpoint.url,
    source: endpoint.source,
    clock: info.SystemTime === undefined ? undefined : new Date(info.SystemTime),
    directory: capabilities.hostNetwork ? info.DockerRootDir : undefined,
  }
}

/** Before Docker has answered: what holds where it runs without a VM. */
function guessed(): EngineCapabilities {
  const direct = process.platform === 'linux'
  return {routableAddresses: direct, hostNetwork: direct}
}
