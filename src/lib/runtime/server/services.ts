import type {IncomingMessage, ServerResponse} from 'node:http'
import type {Readable} from 'node:stream'
import type {Hono} from 'hono'
import type {Engine} from '../../engine/engine.js'
import type {Acm} from '../acm/acm.js'
import type {Addons} from '../addons/create-addons.js'
import type {AppSetups} from '../app-setups/app-setups.js'
import type {AppRecord} from '../apps/app-record.js'
import type {Apps} from '../apps/apps.js'
import type {Builds} from '../builds/builds.js'
import type {PushedImages} from '../builds/pushed-images.js'
import type {Sources} from '../builds/sources.js'
import type {SniEndpoints} from '../certificates/sni-endpoints.js'
import type {Collector} from '../collector/collector.js'
import type {ConfigVars} from '../config-vars/config-vars.js'
import type {Domains} from '../domains/domains.js'
import type {DynoManager} from '../dynos/dyno-manager.js'
import type {Formations} from '../formation/formations.js'
import type {Repositories} from '../git/repositories.js'
import type {Librato} from '../librato/librato.js'
import type {LogDrains} from '../log-drains/log-drains.js'
import type {Logplex} from '../logplex/logplex.js'
import type {Papertrail} from '../papertrail/papertrail.js'
import type {Restore} from '../platform-backup/restore.js'
import type {BackupOptions} from '../platform-backup/write-backup.js'
import type {ReleaseTable} from '../releases/release-table.js'
import type {Releases} from '../releases/releases.js'
import type {RouterAddress} from '../router/router.js'
import type {Scheduler} from '../scheduler/scheduler.js'
import type {SlugCompiler} from '../slugs/compile.js'
import type {Slugs} from '../slugs/slugs.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {Outputs} from '../support/outputs.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {Transfers} from '../transfers/transfers.js'

/** Who asks; one account for now. */
export interface Caller {
  id: string
  email: string
}

export interface ApiEnv {
  /** `partner`: the service whose partner asks, by a token for one of its add-ons. */
  Variables: {caller: Caller; requestId: string; partner?: string}
  /** `trusted`: came over the unix socket or from the same process, needs no token. */
  Bindings: {incoming?: IncomingMessage; outgoing?: ServerResponse; trusted: boolean}
}

export type Api = Hono<ApiEnv>

/** Addresses under which the runtime and its apps are reached. */
export interface Addresses {
  /** `http://127.0.0.1:5080` */
  api(): string
  /** `127.0.0.1:5080`, for rendezvous URLs. */
  rendezvous(): string
  /** Ports of the router; 80 and 443 are left out of URLs. */
  router(): RouterAddress | undefined
}

/** Everything the routes may call. */
export interface Services {
  acm: Acm
  account: Caller
  addresses: Addresses
  addons: Addons
  apps: Apps
  appSetups: AppSetups
  builds: Builds
  clock: Clock
  collector: Collector
  compiler: SlugCompiler
  configVars: ConfigVars
  domains: Domains
  dynos: DynoManager
  engine: Engine
  formations: Formations
  log: RuntimeLog
  librato: Librato
  logDrains: LogDrains
  logplex: Logplex
  outputs: Outputs
  papertrail: Papertrail
  pushedImages: PushedImages
  releases: Releases
  releaseTable: ReleaseTable
  repositories: Repositories
  scheduler: Scheduler
  restore: Restore
  slugs: Slugs
  sniEndpoints: SniEndpoints
  store: Store
  sources: Sources
  token: string
  transfers: Transfers
  /** Destroys an app and everything it has. */
  destroyApp(app: AppRecord): Promise<void>
  /** Makes an app with its first two releases. */
  createApp(options: {name?: string; stack?: string; region?: string}, user: string): Promise<AppRecord>
  /** Everything of this home as a tar. */
  writeBackup(wanted: BackupOptions): Readable
  /** Says that the routes of an app may have changed (rename, domain, maintenance). */
  routesChanged(appId: string): Promise<void>
}
