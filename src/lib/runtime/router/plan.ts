import {address, serverOptions} from './haproxy-config.js'
import {type Assignments, type HaproxyState, noPools, type Pools, parseBackendName, parseHostValue} from './haproxy-state.js'

/** What HAProxy has now, as it tells itself. */
export interface ObservedState {
  hosts: Map<string, string>
  pages: Map<string, string>
  /** Backend → server → whether it takes new requests or only finishes old ones. */
  servers: Map<string, Map<string, 'ready' | 'draining'>>
  pools: Pools
}

/**
 * The commands that turn what is into what is wanted, in an order in which no request finds nothing: new servers, then the way to
 * them, then the old ones drained. A server that drains finishes its requests and keeps its WebSockets.
 */
export function planChanges(observed: ObservedState, desired: HaproxyState): string[] {
  const {added, removed} = planServers(observed, desired)
  return [
    ...added,
    ...planMap('/hokku/pages.map', observed.pages, desired.pages).set,
    ...planMap('/hokku/hosts.map', observed.hosts, desired.hosts).set,
    ...planMap('/hokku/hosts.map', observed.hosts, desired.hosts).deleted,
    ...planMap('/hokku/pages.map', observed.pages, desired.pages).deleted,
    ...removed,
  ]
}

/** What HAProxy has after `planChanges` was carried out. */
export function afterChanges(observed: ObservedState, desired: HaproxyState): ObservedState {
  const servers: ObservedState['servers'] = new Map()
  for (const [backend, known] of observed.servers)
    servers.set(backend, new Map([...known.keys()].map(server => [server, 'draining' as const])))
  for (const [backend, wanted] of desired.servers) {
    const all = servers.get(backend) ?? new Map<string, 'ready' | 'draining'>()
    for (const server of wanted) all.set(server, 'ready')
    servers.set(backend, all)
  }
  return {hosts: new Map(desired.hosts), pages: new Map(desired.pages), servers, pools: observed.pools}
}

/** Servers that only finish old requests, as `backend/server`. */
export function drainingServers(observed: ObservedState): string[] {
  return [...observed.servers].flatMap(([backend, servers]) =>
    [...servers].filter(([, state]) => state === 'draining').map(([server]) => `${backend}/${server}`),
  )
}

/** Which app has which backend, from the hosts HAProxy routes: how a new runtime learns what the last one gave away. */
export function observedAssignments(observed: ObservedState): Assignments {
  return new Map(
    [...observed.hosts.values()].map(value => {
      const {backend, appId} = parseHostValue(value)
      return [appId, backend] as const
    }),
  )
}

function planServers(observed: ObservedState, desired: HaproxyState): {added: string[]; removed: string[]} {
  const added: string[] = []
  const removed: string[] = []
  for (const [backend, servers] of desired.servers)
    for (const server of servers) {
      const state = observed.servers.get(backend)?.get(server)
      if (state === undefined) {
        added.push(`add server ${backend}/${server} ${address(server)} ${serverOptions(backend, server)}`)
        added.push(`enable health ${backend}/${server}`)
      }
      if (state !== 'ready') added.push(`enable server ${backend}/${server}`)
    }
  for (const [backend, servers] of observed.servers)
    for (const [server, state] of servers)
      if (state === 'ready' && !desired.servers.get(backend)?.has(server)) removed.push(`disable server ${backend}/${server}`)
  return {added, removed}
}

function planMap(file: string, observed: Map<string, string>, desired: Map<string, string>): {set: string[]; deleted: string[]} {
  const set = [...desired]
    .filter(([key, value]) => observed.get(key) !== value)
    .map(([key, value]) => `${observed.has(key) ? 'set' : 'add'} map ${file} ${key} ${value.replaceAll(' ', '\\ ')}`)
  const deleted = [...observed.keys()].filter(key => !desired.has(key)).map(key => `del map ${file} ${key}`)
  return {set, deleted}
}

/** What HAProxy answers to `show map` of both maps, `show backend` and `show servers state`. */
export interface Answers {
  hosts: string
  pages: string
  backends: string
  servers: string
}

export function parseObserved({hosts, pages, backends, servers}: Answers): ObservedState {
  const observed: ObservedState = {hosts: parseMap(hosts), pages: parseMap(pages), servers: new Map(), pools: {...noPools}}
  for (const name of backends.split('\n')) {
    const backend = parseBackendName(name.trim())
    if (backend !== undefined) observed.pools[backend.kind] = Math.max(observed.pools[backend.kind], backend.index + 1)
  }
  for (const row of servers.split('\n')) {
    const [, backend, , server, , , admin] = row.split(' ')
    if (backend === undefined || server === undefined || parseBackendName(backend) === undefined) continue
    const known = observed.servers.get(backend) ?? new Map()
    observed.servers.set(backend, known.set(server, admin === '0' ? 'ready' : 'draining'))
  }
  return observed
}

function parseMap(text: string): Map<string, string> {
  const entries = text.split('\n').flatMap(row => {
    const match = /^0x[0-9a-f]+ (\S+) (.*)$/.exec(row)
    return match === null ? [] : [[match[1]!, match[2]!] as const]
  })
  return new Map(entries)
}
