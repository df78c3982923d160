import type {Duplex} from 'node:stream'
import type {HostCertificate} from '../certificates/host-certificates.js'

/** How an app stands towards the web; the first that applies, from the top. */
export type RouteState =
  /** Maintenance mode: H80. */
  | 'maintenance'
  /** No slug was ever released: H81. */
  | 'blank'
  /** No web process type or scaled to 0: H14. */
  | 'no-web'
  /** At least one web dyno answers. */
  | 'up'
  /** None up, at least one starting: hold, then H20. */
  | 'starting'
  /** All web dynos sleep: wake them, and hold as while they start. */
  | 'idle'
  /** All web dynos crashed: H10. */
  | 'crashed'

/** A dyno to send requests to. */
export interface Target {
  dyno: string
  address: string
  port: number
}

/** Everything the router must know of one app. `hosts` in lower case, without port. */
export interface Route {
  appId: string
  appName: string
  hosts: string[]
  state: RouteState
  /** Dynos to send requests to; empty unless `state` is up. */
  targets: Target[]
  /** How many web dynos are wanted; default: as many as there are targets. */
  dynos?: number
  /** Page shown instead of Heroku's for errors of the router, and in maintenance mode. */
  errorPageUrl?: string
  maintenancePageUrl?: string
  /** A client that has been to a dyno gets there again, as long as it is there. */
  affinity?: boolean
  /** Requests without TLS are sent to the same address with it. */
  forceHttps?: boolean
  /** `Expect: 100-continue` is the dyno's to answer. */
  endToEndContinue?: boolean
  /** Browsers are told to use TLS only from now on. */
  hsts?: boolean
  /** What TLS clients are shown under its hosts; a host that none of them names gets the one of the router. */
  certificates?: HostCertificate[]
}

export interface RouterAddress {
  /** Port on which apps are reached: 80 when it was free at the first start, else the one chosen then. */
  port: number
  /** The same for TLS: 443 when it was free. */
  tlsPort: number
}

/** Sends requests by host to web dynos. */
export interface Router {
  /** Starts or adopts the router's container and the fallback server. Resolves when both answer. */
  start(): Promise<RouterAddress>
  /** Makes the table the truth. Resolves when new requests follow it; no request in flight is lost. Calls may overlap: the newest wins. */
  publish(table: Route[]): Promise<void>
  /** Resolves when the router has no request with a dyno that left the table any more; a WebSocket is one. Rejects when aborted. */
  quiet(dyno: Target, signal: AbortSignal): Promise<void>
  /**
   * A connection to a dyno of an app from where its requests come, in the table or not; of use where the engine runs in a VM, whose addresses
   * lead nowhere from here. It ends after so many seconds. Rejects with what the system says when the dyno does not take it, and with
   * PlatformError service_unavailable when it could not be asked.
   */
  dial(appId: string, dyno: Omit<Target, 'dyno'>, how: {seconds: number; signal: AbortSignal}): Promise<Duplex>
  /** Why requests are not served although the engine answers; undefined when they are. */
  problem(): string | undefined
  /** Lets go; the container keeps serving. */
  close(): Promise<void>
}
