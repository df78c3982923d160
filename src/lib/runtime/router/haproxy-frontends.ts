import {listPath} from './certificate-list.js'
import {hstsValue} from './secure.js'

/** What the frontends are made of. */
export interface FrontendOptions {
  /** Addresses to listen on: `127.0.0.1`, `::1`, `*`. */
  binds: string[]
  port: number
  tlsPort: number
  threads: number
}

/** The most threads that HAProxy gets. */
export const mostThreads = 4

/** The descriptor on which a thread (1, 2, …) writes its lines: stdout, then numbers that nothing else has. */
export const linesFd = (thread: number): number => (thread === 1 ? 1 : 10 + thread)

/** Of every thread that there may be. */
export const frontendNames: readonly string[] = Array.from({length: mostThreads}, (_, index) => namesOf(index + 1)).flatMap(Object.values)

function namesOf(thread: number): Record<Scheme, string> {
  const suffix = thread === 1 ? '' : `-${thread}`
  return {http: `router${suffix}`, https: `router-tls${suffix}`}
}

type Scheme = 'http' | 'https'

/**
 * Plain HTTP and TLS, so that no request has to be asked how it came; and both for each thread, because HAProxy drops lines when two
 * threads write to one descriptor. The kernel spreads connections over sockets that share a port.
 */
export function frontends({binds, port, tlsPort, threads}: FrontendOptions): string {
  const at = (wanted: number): string[] => binds.map(address => `${address.includes(':') ? `[${address}]` : address}:${wanted}`)
  const all = Array.from({length: threads}, (_, index) => index + 1).flatMap(thread => [
    frontend({thread, scheme: 'http', port, binds: at(port)}),
    frontend({thread, scheme: 'https', port: tlsPort, binds: at(tlsPort).map(bind => `${bind} ${tls}`)}),
  ])
  return all.join('\n')
}

/** What only TLS 1.2 asks: 1.3 has no weak ones. */
const ciphers = 'ECDHE+AESGCM:ECDHE+CHACHA20'
/** Each bind line would seal tickets with keys of its own, which the other threads' cannot open; the cache of sessions is one for all. */
const tls = `ssl crt-list ${listPath} alpn h2,http/1.1 ssl-min-ver TLSv1.2 no-tls-tickets ciphers ${ciphers}`

/**
 * Fields of a line, in order; `haproxy-line.ts` reads them. HAProxy writes `#22` for a quote in the request line; other texts of clients are
 * in base64, and the client's address in hex, which is a fourth of the work of writing it out.
 */
export const logFormat = (scheme: Scheme): string =>
  [
    'hokku4 %[date(0,ms)] %[var(txn.route)] %s %ts %[fc_err] %ST %TR %Tw %Tc %Ta %B',
    `${scheme === 'http' ? '-' : '%sslv'} %r %[var(txn.id)] %[var(txn.host),base64] %[var(txn.fwd),base64] %[src,hex]`,
  ].join(' ')

interface Frontend {
  thread: number
  scheme: Scheme
  port: number
  binds: string[]
}

/**
 * Request headers that few clients send and no dyno may see as they came. Looking for them one by one costs every request, so one look at
 * all names tells whether there is any.
 */
const removed = '(keep-alive|proxy-authorization|te|x-forwarded-(for|port|proto)|x-request-(id|start))'

/**
 * Without TLS: what certificate authorities ask for is the fallback's. With it: so is a request whose client began TLS with another app,
 * and browsers may be told to stay.
 */
const onlyFor: Record<Scheme, string> = {
  http: `  use_backend fallback if { path_beg /.well-known/acme-challenge/ }
`,
  https: `  http-request set-var(txn.sni) ssl_fc_sni,lower,map_str(/hokku/hosts.map),field(3,:)
  http-request set-var(txn.app) var(txn.route),field(3,:)
  http-after-response set-header Strict-Transport-Security ${hstsValue} if { var(txn.route) -m end hsts } !{ res.hdr(strict-transport-security) -m found }
  use_backend fallback if { var(txn.sni) -m found } !{ var(txn.sni),strcmp(txn.app) eq 0 }
`,
}

// Every rule costs each request 0.1 to 0.3 µs: what is rare is told by one cheap condition, what is constant is no expression.
const frontend = ({thread, scheme, port, binds}: Frontend): string => `frontend ${namesOf(thread)[scheme]} from common
${binds.map(bind => `  bind ${bind} thread ${thread}`).join('\n')}
  log fd@${linesFd(thread)} len 65535 format raw local0 info
  log-format "${logFormat(scheme)}"
  http-request set-var(txn.host) req.hdr(host)
  http-request set-var(txn.route) var(txn.host),host_only,lower,map_str(/hokku/hosts.map)
  http-request set-var(txn.route) 'var(txn.host),host_only,lower,regsub(^[^.]*,*),map_str(/hokku/hosts.map)' unless { var(txn.route) -m found }
  http-request set-var(txn.rare) bool(1) if { req.hdr_names -m reg (^|,)(expect|${removed})(,|$) }
  http-request set-var(txn.id) req.fhdr(x-request-id) if { var(txn.rare) -m bool } { req.fhdr(x-request-id) -m reg ^[A-Za-z0-9+/=-]{20,200}$ }
  http-request set-var(txn.id) uuid() unless { var(txn.id) -m found }
  http-request set-var-fmt(txn.fwd) %[req.fhdr(x-forwarded-for,1)],\\ %[req.fhdr(x-forwarded-for,2)],\\ %[src] if { var(txn.rare) -m bool } { req.fhdr_cnt(x-forwarded-for) gt 1 }
  http-request set-var-fmt(txn.fwd) %[req.fhdr(x-forwarded-for)],\\ %[src] if { var(txn.rare) -m bool } { req.fhdr_cnt(x-forwarded-for) eq 1 }
  http-request deny deny_status 405 if METH_CONNECT
  http-request deny deny_status 400 if { url -m len 8177: }
  http-request deny deny_status 400 if { req.hdrs -m len 8193: } { req.hdrs -m reg [^\\n]{8194} }
  http-request return status 417 if { var(txn.rare) -m bool } { req.hdr(expect) -m found } !{ req.hdr(expect) -i 100-continue }
  # The router answers 100 Continue itself, but for apps that want to.
  http-request wait-for-body time 55s at-least 1 if { var(txn.rare) -m bool } { req.hdr(expect) -m found } !{ var(txn.route) -m sub :continue }
  http-request del-header expect if { var(txn.rare) -m bool } !{ var(txn.route) -m sub :continue }
  http-request del-header ^${removed}$ -m reg if { var(txn.rare) -m bool }
  http-request add-header X-Request-Id %[var(txn.id)]
  http-request add-header X-Forwarded-For %[var(txn.fwd)] if { var(txn.fwd) -m found }
  http-request add-header X-Forwarded-For %[src] unless { var(txn.fwd) -m found }
  http-request add-header X-Forwarded-Proto ${scheme}
  http-request add-header X-Forwarded-Port ${port}
  http-request add-header X-Request-Start %[date(0,ms)]
  http-request add-header Via "1.1 heroku-router"
  http-after-response set-status 503 if { status ge 500 } { res.hdr(x-hokku-error) -m found }
  http-after-response del-header x-hokku-error if { status ge 500 }
  http-after-response add-header Via "1.1 heroku-router"
  http-after-response add-header Server Heroku unless { res.hdr(server) -m found }
${onlyFor[scheme]}  # All its dynos are quarantined.
  use_backend fallback if { var(txn.route),field(${routeField[scheme]},:),nbsrv eq 0 }
  use_backend %[var(txn.route),field(${routeField[scheme]},:)] if { var(txn.route) -m found }
  default_backend fallback
`

/** Which part of a host's value is the backend for requests without TLS, and with it. */
const routeField: Record<Scheme, number> = {http: 1, https: 2}
