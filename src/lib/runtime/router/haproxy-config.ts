import {createHash} from 'node:crypto'
import {listPath} from './certificate-list.js'
import {
  type Assignments,
  backendName,
  desiredState,
  type HaproxyState,
  type PoolKind,
  type Pools,
  parseServerName,
  poolKinds,
  retriesOf,
} from './haproxy-state.js'
import type {Route} from './router.js'
import {hstsValue} from './secure.js'

export interface HaproxyOptions {
  /** Addresses to listen on: `127.0.0.1`, `::1`, `*`. */
  binds: string[]
  port: number
  tlsPort: number
  /** Where the fallback server answers, as seen from HAProxy, and what proves to it that a request came through us. */
  fallback: {address: string; port: number; secret: string}
  assignments: Assignments
  /** Backends to have ready, with those in use. */
  pools: Pools
  threads: number
}

/** What the table has no part in. */
export type FixedOptions = Omit<HaproxyOptions, 'assignments' | 'pools'>

/** Options of every server, on the command line and in the file: Router 2.0 closes a pooled connection after 90 s. */
export const serverOptions = 'pool-purge-delay 90s'

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
  const parts = [defaults, frontends(options), fallback(options), errorPage, options.threads, retriesOf]
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
  log stdout len 65535 format raw local0 info
  stats socket /hokku/sockets/admin.sock mode 660 level admin expose-fd listeners
  stats timeout 10m
  user haproxy
  group haproxy
  maxconn 8000
  nbthread ${options.threads}
  # Heroku: request line and header lines of 8,192 bytes, 1,000 headers.
  tune.bufsize 32768
  tune.http.maxhdr 1000
  tune.http.logurilen 8500
`

// heroku-platform.md 3.1: connect 5 s, first byte 30 s (a response then sets 55 s), client idle 55 s (a tenth more here, so that a silent dyno is told from a silent client), keep-alive 60 s.
const defaults = `defaults
  mode http
  log global
  option dontlognull
  option http-ignore-probes
  option abortonclose
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
`

/** Fields of a line on HAProxy's stdout, in order. `haproxy-line.ts` reads them. HAProxy writes the URI with `#22` for a quote; other texts of clients are in base64. */
export const logFormat = [
  'hokku3 %[date(0,ms)] %[var(txn.route)] %s %ts %[fc_err] %ST %TR %Tw %Tc %Ta %B %HM %HV %sslv %HU',
  '%[var(txn.id)] %[var(txn.host),base64] %[var(txn.fwd),base64] %ci',
].join(' ')

/** What only TLS 1.2 asks: 1.3 has no weak ones. */
const ciphers = 'ECDHE+AESGCM:ECDHE+CHACHA20'
const tls = `ssl crt-list ${listPath} alpn h2,http/1.1 ssl-min-ver TLSv1.2 ciphers ${ciphers}`

interface Frontend {
  name: (typeof frontendNames)[number]
  binds: string[]
  scheme: 'http' | 'https'
  port: number
}

/** Without TLS: what certificate authorities ask for, and apps that want TLS, are the fallback's. With it: browsers may be told to stay. */
const onlyFor = {
  http: `  use_backend fallback if { path_beg /.well-known/acme-challenge/ }
  use_backend fallback if { var(txn.route) -m sub :force }
`,
  https: `  http-after-response set-header Strict-Transport-Security ${hstsValue} if { var(txn.route) -m end hsts } !{ res.hdr(strict-transport-security) -m found }
`,
}

/** Plain HTTP and TLS. */
export const frontendNames = ['router', 'router-tls'] as const

/** Two, so that no request has to be asked how it came. */
function frontends({binds, port, tlsPort}: FixedOptions): string {
  const at = (wanted: number): string[] => binds.map(address => `${address.includes(':') ? `[${address}]` : address}:${wanted}`)
  return [
    frontend({name: 'router', binds: at(port), scheme: 'http', port}),
    frontend({name: 'router-tls', binds: at(tlsPort).map(bind => `${bind} ${tls}`), scheme: 'https', port: tlsPort}),
  ].join('\n')
}

// Every rule costs each request 0.1 to 0.3 µs: what is rare is told by one cheap condition, what is constant is no expression.
const frontend = ({name, binds, scheme, port}: Frontend): string => `frontend ${name}
${binds.map(bind => `  bind ${bind}`).join('\n')}
  log-format "${logFormat}"
  http-request set-var(txn.host) req.hdr(host)
  http-request set-var(txn.route) req.hdr(host),host_only,lower,map_str(/hokku/hosts.map)
  http-request set-var(txn.route) 'req.hdr(host),host_only,lower,regsub(^[^.]*,*),map_str(/hokku/hosts.map)' unless { var(txn.route) -m found }
  http-request set-var(txn.id) req.fhdr(x-request-id) if { req.fhdr(x-request-id) -m reg ^[A-Za-z0-9+/=-]{20,200}$ }
  http-request set-var(txn.id) uuid() unless { var(txn.id) -m found }
  http-request set-var-fmt(txn.fwd) %[req.fhdr(x-forwarded-for,1)],\\ %[req.fhdr(x-forwarded-for,2)],\\ %[src] if { req.fhdr_cnt(x-forwarded-for) gt 1 }
  http-request set-var-fmt(txn.fwd) %[req.fhdr(x-forwarded-for)],\\ %[src] if { req.fhdr_cnt(x-forwarded-for) eq 1 }
  http-request deny deny_status 405 if METH_CONNECT
  http-request deny deny_status 400 if { url,length gt 8176 }
  http-request deny deny_status 400 if { req.hdrs,length gt 8192 } { req.hdrs -m reg [^\\n]{8194} }
  http-request return status 417 if { req.hdr(expect) -m found } !{ req.hdr(expect) -i 100-continue }
  # The router answers 100 Continue itself.
  http-request wait-for-body time 55s at-least 1 if { req.hdr(expect) -m found }
  http-request del-header expect
  http-request del-header te
  http-request del-header keep-alive
  http-request del-header proxy-authorization
  http-request set-header X-Request-Id %[var(txn.id)]
  http-request set-header X-Forwarded-For %[var(txn.fwd)] if { var(txn.fwd) -m found }
  http-request set-header X-Forwarded-For %[src] unless { var(txn.fwd) -m found }
  http-request set-header X-Forwarded-Proto ${scheme}
  http-request set-header X-Forwarded-Port ${port}
  http-request set-header X-Request-Start %[date(0,ms)]
  http-request add-header Via "1.1 heroku-router"
  http-after-response set-status 503 if { status ge 500 } { res.hdr(x-hokku-error) -m found }
  http-after-response del-header x-hokku-error if { status ge 500 }
  http-after-response add-header Via "1.1 heroku-router"
  http-after-response set-header Server Heroku unless { res.hdr(server) -m found }
${onlyFor[scheme]}  use_backend %[var(txn.route),field(1,:)] if { var(txn.route) -m found }
  default_backend fallback
`

// The fallback logs its own lines. Its timeout must outlast 75 s of holding and 30 s for a first byte.
const fallback = (options: FixedOptions): string => `backend fallback
  timeout server 120s
  retries 0
  http-request set-log-level silent
  http-request set-header X-Hokku-Router ${options.fallback.secret}
  http-request set-header X-Hokku-Client "%[fc_http_major] %[ssl_fc_protocol]"
  server runtime ${options.fallback.address}:${options.fallback.port}
`

function backend(kind: PoolKind, name: string, state: HaproxyState): string {
  const servers = [...(state.servers.get(name) ?? [])].map(server => `  server ${server} ${address(server)} ${serverOptions}\n`)
  return `backend ${name}
  retries ${retriesOf[kind]}
  http-response set-timeout server 55s
${servers.join('')}`
}

/** `172.18.0.2:5000` of a server's name. */
export function address(server: string): string {
  const target = parseServerName(server)
  if (target === undefined) throw new Error(`${server} is not a server name of this router.`)
  return target.address.includes(':') ? `[${target.address}]:${target.port}` : `${target.address}:${target.port}`
}
