import type {Route} from './router.js'

/** What HAProxy's maps and backends hold; all that changes without a reload. */
export interface HaproxyState {
  /**
   * Host → `<backend>:<backend>:<app id>`, first the backend for requests without TLS, and `:continue` and `:hsts` for an app that
   * wants them. `*.example.com` matches one label.
   */
  hosts: Map<string, string>
  /** App id → HTML that covers the router's own error page (ERROR_PAGE_URL). */
  pages: Map<string, string>
  /** Backend → servers that take requests. */
  servers: Map<string, Set<string>>
}

/** Which backend of the pools serves which app: app id → backend. */
export type Assignments = Map<string, string>

/**
 * Backends are made in advance, because HAProxy makes none at run time. A refused connection is retried on another dyno, and how often
 * is fixed per backend (Heroku: once per dyno, at most 10 times), so there is a pool for each range of dynos; and each of them twice, for apps with session affinity.
 */
const sizes = ['one', 'few', 'many'] as const
export const poolKinds = [...sizes, ...sizes.map(size => `sticky-${size}` as const)] as const
export type PoolKind = (typeof poolKinds)[number]
export type Pools = Record<PoolKind, number>

const retriesBySize = {one: 0, few: 2, many: 9}
export const noPools: Pools = {one: 0, few: 0, many: 0, 'sticky-one': 0, 'sticky-few': 0, 'sticky-many': 0}
export const firstPools: Pools = {one: 64, few: 32, many: 16, 'sticky-one': 4, 'sticky-few': 4, 'sticky-many': 4}

/** How often a connection to a dyno that was refused is tried on another. */
export function retriesOf(kind: PoolKind): number {
  return retriesBySize[kind.replace('sticky-', '') as (typeof sizes)[number]]
}

/** The pool for an app, by its number of dynos and whether clients stay with theirs. */
export function poolKind({targets, affinity}: Pick<Route, 'targets' | 'affinity'>): PoolKind {
  const size = targets.length <= 1 ? 'one' : targets.length <= 4 ? 'few' : 'many'
  return affinity ? `sticky-${size}` : size
}

export const isSticky = (kind: PoolKind): boolean => kind.startsWith('sticky-')

/** `one0`, `few12`. */
export function backendName(kind: PoolKind, index: number): string {
  return `${kind}${index}`
}

/** The reverse of `backendName`; undefined for a backend that is in no pool. */
export function parseBackendName(name: string): {kind: PoolKind; index: number} | undefined {
  const match = /^((?:sticky-)?(?:one|few|many))(\d+)$/.exec(name)
  return match === null ? undefined : {kind: match[1] as PoolKind, index: Number(match[2])}
}

/** A server's name says everything about it, so what HAProxy has can be read back after a restart: `web.1_172.18.0.2_5000`. */
export function serverName(target: {dyno: string; address: string; port: number}): string {
  return `${target.dyno}_${target.address}_${target.port}`
}

/** The reverse of `serverName`; undefined for names that are not ours (`<NOSRV>`). */
export function parseServerName(name: string): {dyno: string; address: string; port: number} | undefined {
  const match = /^(.+)_([0-9a-fA-F.:]+)_(\d+)$/.exec(name)
  if (match === null) return undefined
  return {dyno: match[1]!, address: match[2]!, port: Number(match[3])}
}

/** The state the table asks for. Only apps that are up reach HAProxy's backends; all else is the fallback's. */
export function desiredState(table: Route[], assignments: Assignments): HaproxyState {
  const state: HaproxyState = {hosts: new Map(), pages: new Map(), servers: new Map()}
  for (const route of table) {
    const backend = assignments.get(route.appId)
    if (!isUp(route) || backend === undefined) continue
    // An app that wants TLS has its other requests redirected, which the fallback does.
    const wishes = [...(route.endToEndContinue ? ['continue'] : []), ...(route.hsts ? ['hsts'] : [])]
    const value = [route.forceHttps ? 'fallback' : backend, backend, route.appId, ...wishes].join(':')
    // A host with any other character cannot be requested, and would be an instruction to HAProxy.
    for (const host of route.hosts) if (/^[a-z0-9*._-]+$/.test(host)) state.hosts.set(host, value)
    if (route.errorPageUrl !== undefined) state.pages.set(route.appId, pageFrame(route.errorPageUrl))
    state.servers.set(backend, new Set(route.targets.map(serverName)))
  }
  return state
}

/** The parts of a host's value in the map. */
export function parseHostValue(value: string): {backend: string; appId: string} {
  const [, backend = '', appId = ''] = value.split(':')
  return {backend, appId}
}

export function isUp(route: Route): boolean {
  return route.state === 'up' && route.targets.length > 0
}

/**
 * Gives every app that is up a backend of the pool for its number of dynos: the one it has, else a free one, else one of a pool
 * made larger (which takes a reload). `busy` are backends with servers in HAProxy: not to be given to anybody else yet.
 */
export function assignBackends(
  table: Route[],
  held: Assignments,
  pools: Pools,
  busy: Set<string>,
): {assignments: Assignments; pools: Pools} {
  const up = table.filter(isUp)
  const assignments: Assignments = new Map()
  for (const route of up) {
    const backend = held.get(route.appId)
    if (backend !== undefined && parseBackendName(backend)?.kind === poolKind(route)) assignments.set(route.appId, backend)
  }
  const used = new Set([...assignments.values(), ...busy])
  const sizes = {...pools}
  const next: Pools = {...noPools}
  for (const route of up) {
    if (assignments.has(route.appId)) continue
    const kind = poolKind(route)
    while (used.has(backendName(kind, next[kind]))) next[kind] += 1
    const backend = backendName(kind, next[kind])
    assignments.set(route.appId, backend)
    used.add(backend)
    while (next[kind] >= sizes[kind]) sizes[kind] *= 2
  }
  return {assignments, pools: sizes}
}

/** A frame over the whole page. The URL is reduced to characters that mean nothing to HAProxy, its command line or HTML. */
export function pageFrame(url: string): string {
  return `<iframe title=error src=${safeUrl(url)}></iframe>`
}

/** Percent-encodes what is not plainly part of a URL; anything but http, https or a scheme-relative URL becomes about:blank. */
export function safeUrl(url: string): string {
  if (!/^(https?:)?\/\//i.test(url)) return 'about:blank'
  return [...Buffer.from(url, 'utf8')]
    .map(byte => {
      const char = String.fromCharCode(byte)
      return /[A-Za-z0-9:/?=&%._~+,@!*()-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0').toUpperCase()}`
    })
    .join('')
}
