import {createHash} from 'node:crypto'
import {backlogPerDyno} from './codes.js'
import {type FrontendOptions, frontends} from './haproxy-frontends.js'
import {
  type Assignments,
  backendName,
  desiredState,
  type HaproxyState,
  isSticky,
  type PoolKind,
  type Pools,
  parseBackendName,
  parseServerName,
  poolKinds,
  retriesOf,
} from './haproxy-state.js'
import type {Route} from './router.js'

export interface HaproxyOptions extends FrontendOptions {
  /** Where the fallback server answers, as seen from HAProxy, and what proves to it that a request came through us. */
  fallback: {address: string; port: number; secret: string}
  assignments: Assignments
  /** Backends to have ready, with those in use. */
  pools: Pools
}

/** What the table has no part in. */
export type FixedOptions = Omit<HaproxyOptions, 'assignments' | 'pools'>

/**
 * Heroku's quarantine (heroku-platform.md 3.1): a dyno that does not take a connection gets none until one comes about 5 s later, or later
 * still. Beside those tries HAProxy makes one an hour.
 */
const quarantine = 'check inter 1h downinter 5s fall 1 rise 1 observe layer4 error-limit 1 on-error mark-down'

/**
 * Options of a server, on the command line and in the file: Router 2.0 closes a pooled connection after 90 s. The cookie says which dyno, by
 * its name alone, so that a client stays with web.1 also when a new release has replaced it.
 */
export function serverOptions(backend: string, server: string): string {
  const kind = parseBackendName(backend)?.kind
  const dyno = parseServerName(server)?.dyno
  if (kind === undefined || dyno === undefined || !isSticky(kind)) return `pool-purge-delay 90s ${quarantine}`
  return `pool-purge-delay 90s ${quarantine} cookie ${createHash('sha256').update(`${affinityCookie} ${dyno}`).digest('base64url').slice(0, 32)}`
}

const affinityCookie = 'heroku-session-affinity'

/** The three files HAProxy reads when it starts or reloads: name in the mounted directory → text. Pure. */
export function toHaproxyFiles(table: Route[], options: HaproxyOptions, errorPage: string): Record<string, string> {
  const state = desiredState(table, options.assignments)
  return {
    'haproxy.cfg': toHaproxyConfig(table, options, errorPage),
    'hosts.map': mapFile(state.hosts),
    'pages.map': mapFile(state.pages),
    'error.html': errorPage,
  }
}

/** A digest of all that only a reload changes, but for the pools; HAProxy shows it as its description. */
export function fixedPart(options: FixedOptions, errorPage: string): string {
  const parts = [globalSection(options, ''), defaults, frontends(options), fallback(options), errorPage, ...poolKinds.map(rules)]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

/** HAProxy's configuration for a table. Pure; the same table and options give the same text. */
export function toHaproxyConfig(table: Route[], options: HaproxyOptions, errorPage = ''): string {
  const state = desiredState(table, options.assignments)
  const backends = poolKinds.flatMap(kind =>
    Array.from({length: options.pools[kind]}, (_, index) => backend(kind, backendName(kind, index), state)),
  )
  return [globalSection(options, fixedPart(options, errorPage)), defaults, frontends(options), fallback(options), ...backends].join('\n')
}

function mapFile(entries: Map<string, string>): string {
  return [...entries].map(([key, value]) => `${key} ${value}\n`).join('')
}

const globalSection = (options: FixedOptions, mark: string): string => `global
  description ${mark}
  stats socket /hokku/sockets/admin.sock mode 660 level admin expose-fd listeners
  stats timeout 10m
  user haproxy
  group haproxy
  maxconn 8000
  # Every dyno's check is counted as a descriptor, though hardly any is open at a time: more than the system gives is no reason not to start.
  no strict-limits
  nbthread ${options.threads}
  # Heroku: request line and header lines of 8,192 bytes, 1,000 headers.
  tune.bufsize 32768
  # Per thread: with less, buffers that two requests need at once are fetched from the system again and again, a seventh of all work.
  tune.memory.hot-size 4194304
  tune.http.maxhdr 1000
  tune.http.logurilen 8500
`

// heroku-platform.md 3.1: connect 5 s, first byte 30 s (a response then sets 55 s), client idle 55 s (a tenth more here, so that a silent dyno is told from a silent client), keep-alive 60 s.
const defaults = `defaults common
  mode http
  option dontlognull
  option http-ignore-probes
  option abortonclose
  # At a reload an idle connection is closed with its next answer: closed at once, it might just have got a request.
  option idle-close-on-response
  option redispatch 1
  balance random(1)
  http-reuse safe
  timeout connect 5s
  timeout client 55100ms
  timeout server 30s
  timeout tunnel 55s
  timeout http-request 30s
  timeout http-keep-alive 60s
  timeout queue 5s
  http-error status 400 content-type "text/html; charset=utf-8" lf-file /hokku/error.html hdr Cache-Control "no-cache, no-store"
  http-error status 500 content-type "text/html; charset=utf-8" lf-file /hokku/error.html hdr Cache-Control "no-cache, no-store" hdr X-Hokku-Error 503
  http-error status 502 content-type "text/html; charset=utf-8" lf-file /hokku/error.html hdr Cache-Control "no-cache, no-store" hdr X-Hokku-Error 503
  http-error status 503 content-type "text/html; charset=utf-8" lf-file /hokku/error.html hdr Cache-Control "no-cache, no-store" hdr X-Hokku-Error 503
  http-error status 504 content-type "text/html; charset=utf-8" lf-file /hokku/error.html hdr Cache-Control "no-cache, no-store" hdr X-Hokku-Error 503

defaults dynos from common
  http-request set-var(txn.open) be_conn if { be_conn gt ${backlogPerDyno} }
  # H11
  http-request deny deny_status 503 if { var(txn.open) -m found } !{ nbsrv,mul(${backlogPerDyno}),sub(txn.open) ge 0 }
  http-response set-timeout server 55s
  # H25
  http-response return status 502 content-type "text/html; charset=utf-8" lf-file /hokku/error.html hdr Cache-Control "no-cache, no-store" if { res.fhdr(set-cookie) -m len 8193: }

`

// The fallback logs its own lines. Its timeout must outlast 75 s of holding and 30 s for a first byte.
const fallback = (options: FixedOptions): string => `backend fallback from common
  timeout server 120s
  retries 0
  http-request set-log-level silent
  http-request set-header X-Hokku-Router ${options.fallback.secret}
  http-request set-header X-Hokku-Client "%[fc_http_major] %[ssl_fc_protocol] %[ssl_fc_sni,base64]"
  server runtime ${options.fallback.address}:${options.fallback.port}
`

function backend(kind: PoolKind, name: string, state: HaproxyState): string {
  const servers = [...(state.servers.get(name) ?? [])].map(
    server => `  server ${server} ${address(server)} ${serverOptions(name, server)}\n`,
  )
  return `backend ${name} from dynos
${rules(kind)}${servers.join('')}`
}

/** What backends of one pool have in common. */
function rules(kind: PoolKind): string {
  const affinity = `  cookie ${affinityCookie} insert indirect httponly attr "Version=1" attr "Max-Age=86400"\n`
  return `  retries ${retriesOf(kind)}\n${isSticky(kind) ? affinity : ''}`
}

/** `172.18.0.2:5000` of a server's name. */
export function address(server: string): string {
  const target = parseServerName(server)
  if (target === undefined) throw new Error(`${server} is not a server name of this router.`)
  return target.address.includes(':') ? `[${target.address}]:${target.port}` : `${target.address}:${target.port}`
}
