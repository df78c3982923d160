import {networkInterfaces} from 'node:os'
import {type Engine, EngineError} from '../engine.js'
import {keyedQueue} from '../keyed-queue.js'
import type {DockerApi} from './api.js'
import {dockerSaid, statusOf} from './errors.js'
import {freeSubnets} from './subnets.js'

export interface Networks extends Pick<Engine, 'ensureNetwork' | 'connect' | 'disconnect'> {
  /** Makes networks that were ensured before anew; false when none of them was. */
  restore(names: string[]): Promise<boolean>
  /** Networks with these names are looked for again. */
  forget(names: string[]): void
}

interface NetworkAnswer {
  Name: string
  IPAM: {Config: {Subnet?: string}[] | null}
}

/** `common` are the labels on everything. A network once seen is not looked for again until a start misses it. */
export function dockerNetworks(api: DockerApi, common: Record<string, string>): Networks {
  const ensured = new Map<string, Record<string, string>>()
  const byName = keyedQueue()
  const ensure = (name: string, labels: Record<string, string>) =>
    byName(name, async () => {
      if (ensured.has(name)) return
      if (!(await exists(api, name))) await create(api, name, {...common, ...labels})
      ensured.set(name, labels)
    })
  const restore = async (names: string[]) => {
    const known = names.flatMap(name => (ensured.has(name) ? [[name, ensured.get(name) ?? {}] as const] : []))
    for (const [name] of known) ensured.delete(name)
    for (const [name, labels] of known) await ensure(name, labels)
    return known.length > 0
  }
  return {
    ensureNetwork: ensure,
    restore,
    forget(names) {
      for (const name of names) ensured.delete(name)
    },
    async connect(id, network, aliases) {
      try {
        await connect(api, id, network, aliases)
      } catch (error) {
        if (!isNetworkMissing(error) || !(await restore([network]))) throw error
        await connect(api, id, network, aliases)
      }
    },
    disconnect: (id, network) => disconnect(api, id, network),
  }
}

/** Docker 20.10 notices at start, or when joining, that a network is gone. */
export function isNetworkMissing(error: unknown): boolean {
  return /network .* not found/i.test(dockerSaid(error))
}

async function exists(api: DockerApi, name: string): Promise<boolean> {
  const found = await api.request<NetworkAnswer[]>({
    method: 'GET',
    path: '/networks',
    query: {filters: JSON.stringify({name: [name]})},
    doing: `look for the network ${name}`,
  })
  // Docker's filter matches parts of names.
  return found.some(network => network.Name === name)
}

async function create(api: DockerApi, name: string, labels: Record<string, string>): Promise<void> {
  for (const subnet of freeSubnets(name, await takenSubnets(api))) {
    try {
      await api.request({
        method: 'POST',
        path: '/networks/create',
        body: {Name: name, CheckDuplicate: true, Driver: 'bridge', Labels: labels, IPAM: {Driver: 'default', Config: [{Subnet: subnet}]}},
        doing: `create the network ${name}`,
      })
      return
    } catch (error) {
      if (statusOf(error) === 409 && (await exists(api, name))) return
      // Somebody else took the subnet since we looked; the next one is as good.
      if (!/overlap/i.test(dockerSaid(error))) throw error
    }
  }
  throw new EngineError('failed', `Docker could not create the network ${name}: every subnet of 10.208.0.0/12 is taken.`)
}

async function takenSubnets(api: DockerApi): Promise<string[]> {
  const networks = await api.request<NetworkAnswer[]>({method: 'GET', path: '/networks', doing: 'list networks'})
  const ofDocker = networks.flatMap(network => (network.IPAM.Config ?? []).flatMap(({Subnet}) => Subnet ?? []))
  const ofHost = Object.values(networkInterfaces()).flatMap(addresses => (addresses ?? []).flatMap(({cidr}) => cidr ?? []))
  return [...ofDocker, ...ofHost]
}

async function connect(api: DockerApi, id: string, network: string, aliases: string[]): Promise<void> {
  try {
    await api.request({
      method: 'POST',
      path: `/networks/${network}/connect`,
      body: {Container: id, EndpointConfig: {Aliases: aliases}},
      doing: `join the container ${id} to the network ${network}`,
    })
  } catch (error) {
    if (!/already exists in network|already attached/i.test(dockerSaid(error))) throw error
  }
}

async function disconnect(api: DockerApi, id: string, network: string): Promise<void> {
  try {
    await api.request({
      method: 'POST',
      path: `/networks/${network}/disconnect`,
      body: {Container: id, Force: true},
      doing: `take the container ${id} out of the network ${network}`,
    })
  } catch (error) {
    const missing = error instanceof EngineError && error.code === 'not_found'
    if (!missing && !/is not connected/i.test(dockerSaid(error))) throw error
  }
}
