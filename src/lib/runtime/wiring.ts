import {randomBytes, randomUUID} from 'node:crypto'
import {hostname, userInfo} from 'node:os'
import {join} from 'node:path'
import type {AddonPage} from '../schema/addon-page.js'
import {Acm} from './acm/acm.js'
import type {AddonRecord} from './addons/addons.js'
import type {Addons} from './addons/create-addons.js'
import {createAddons} from './addons/create-addons.js'
import {AppLifecycle} from './app-lifecycle.js'
import {AppSetups} from './app-setups/app-setups.js'
import {SetupTable} from './app-setups/setup-table.js'
import type {AppRecord} from './apps/app-record.js'
import {Apps} from './apps/apps.js'
import {BuildTable} from './builds/build-table.js'
import {Builds} from './builds/builds.js'
import {fetchSource} from './builds/fetch-source.js'
import {PushedImages} from './builds/pushed-images.js'
import {Sources} from './builds/sources.js'
import {HostCertificates} from './certificates/host-certificates.js'
import {LocalCertificates} from './certificates/local-certificates.js'
import {SniEndpoints} from './certificates/sni-endpoints.js'
import {Collector, keptSlugs} from './collector/collector.js'
import {ConfigVars} from './config-vars/config-vars.js'
import {Domains} from './domains/domains.js'
import {createDynoManager} from './dynos/create-dyno-manager.js'
import type {DynoManager} from './dynos/dyno-manager.js'
import {cycleTime} from './dynos/lifecycle/cycling.js'
import {idleTime} from './dynos/sleep/eco.js'
import {Formations} from './formation/formations.js'
import {Repositories} from './git/repositories.js'
import type {Ground, RuntimeOptions} from './ground.js'
import {Librato} from './librato/librato.js'
import {LogDrainTable} from './log-drains/log-drain-table.js'
import {LogDrains} from './log-drains/log-drains.js'
import {createLogplex} from './logplex/create-logplex.js'
import type {Logplex} from './logplex/logplex.js'
import {Papertrail} from './papertrail/papertrail.js'
import {SearchTable} from './papertrail/search-table.js'
import {Restore} from './platform-backup/restore.js'
import {type BackupOptions, writeBackup} from './platform-backup/write-backup.js'
import {type ReleaseCommands, releasePhase} from './releases/release-phase.js'
import {ReleaseTable} from './releases/release-table.js'
import {Releases} from './releases/releases.js'
import type {Router, RouterAddress} from './router/router.js'
import {RoutingTable} from './routing-table.js'
import {JobTable} from './scheduler/job-table.js'
import {Scheduler} from './scheduler/scheduler.js'
import {webUrl} from './server/serialize/app.js'
import type {Services} from './server/services.js'
import {loadToken} from './server/token.js'
import type {SlugCompiler} from './slugs/compile.js'
import {hostTrust} from './slugs/host-trust.js'
import {buildLimits} from './slugs/limits.js'
import {SlugImages} from './slugs/slug-images.js'
import {Slugs} from './slugs/slugs.js'
import {setting} from './store/store.js'
import {Outputs} from './support/outputs.js'
import {Queues} from './support/queues.js'
import {SealedFiles} from './support/sealed-files.js'
import {BackupSchedules} from './transfers/backup-schedules.js'
import {BackupStores} from './transfers/backup-stores.js'
import {TransferTable} from './transfers/transfer-table.js'
import {Transfers} from './transfers/transfers.js'

export type WiredServices = Services & {routerAddress: RouterAddress | undefined}

export interface Wired {
  services: WiredServices
  routing: RoutingTable
  lifecycle: AppLifecycle
  router: Router
  addons: Addons
  dynos: DynoManager
}

/** Everything that knows somebody gets to know them in this file, and only here. Nothing is started. */
export function wire(options: RuntimeOptions, ground: Ground): Wired {
  const facts = makeFacts(ground)
  const later: Later = {}
  const router = options.router(ground, {logs: facts.logplex, wake: appId => later.dynos?.wake(appId)})
  const addons = makeAddons(options, ground, facts, later)
  const releases = makeReleases(ground, facts, addons, later)
  later.releases = releases
  const routing = new RoutingTable({...facts, releases, dynos: () => later.dynos as DynoManager, router: () => router})
  const dynos = makeDynos(ground, facts, releases, routing)
  later.dynos = dynos
  const {services, lifecycle} = makeServices(options, ground, facts, {addons, releases, routing, dynos})
  later.pages = addon => pageOf(addon, services)
  return {services, routing, lifecycle, router, addons, dynos}
}

/** What is called upwards, through interfaces declared below, once it has been made. */
interface Later {
  dynos?: DynoManager
  releases?: Releases
  /** Of add-ons that the runtime serves. */
  pages?: (addon: AddonRecord) => AddonPage | undefined
}

interface Facts {
  apps: Apps
  configVars: ConfigVars
  domains: Domains
  certificates: HostCertificates
  sniEndpoints: SniEndpoints
  formations: Formations
  logplex: Logplex
  logDrains: LogDrains
  outputs: Outputs
  releaseTable: ReleaseTable
  slugs: Slugs
  slugImages: SlugImages
}

function makeFacts({authority, engine, store, seal, clock, log, home, homeId}: Ground): Facts {
  const logplex = createLogplex({directory: home.logs, store, clock, log})
  const slugs = new Slugs(store, clock)
  const sniEndpoints = new SniEndpoints({store, seal, clock})
  const local = new LocalCertificates({authority, store, seal, clock, log})
  return {
    logplex,
    apps: new Apps(store, clock),
    configVars: new ConfigVars(store, seal),
    domains: new Domains(store, clock),
    certificates: new HostCertificates({authority, local, endpoints: sniEndpoints}),
    sniEndpoints,
    formations: new Formations(store, clock, logplex),
    logDrains: new LogDrains({logplex, table: new LogDrainTable(store, seal, clock), clock, log}),
    outputs: new Outputs(home.builds),
    releaseTable: new ReleaseTable(store, seal, clock),
    slugs,
    slugImages: new SlugImages({engine, slugs, log, home: homeId}),
  }
}

function makeAddons(options: RuntimeOptions, ground: Ground, facts: Facts, later: Later): Addons {
  return createAddons({
    ...ground,
    home: ground.homeId,
    logs: facts.logplex,
    releaser: {
      async cut(appId, description, by, alongside) {
        const change = {description, user: by.user, skipReleasePhase: by.addonConfigOnly, alongside}
        const cut = await later.releases?.cut(appId, change)
        return {version: cut?.release.version ?? 0}
      },
    },
    resolveApp: id => facts.apps.resolve(id),
    catalogueDirectory: join(options.root, 'addons'),
    ownServices: options.ownServices,
    servicesDirectory: ground.home.services,
    apiUrl: () => `http://127.0.0.1:${options.apiPort()}`,
    drains: facts.logDrains,
    servedPage: addon => later.pages?.(addon),
    random: randomBytes,
    trust: () => hostTrust(process.env),
    snapshotFiles: new SealedFiles(ground.home.snapshots, ground.seal.keyFor('snapshots'), 'tar.gz'),
  })
}

function makeReleases(ground: Ground, facts: Facts, addons: Addons, later: Later): Releases {
  const {clock, log} = ground
  const dynos = (): DynoManager => later.dynos as DynoManager
  return new Releases({
    ...facts,
    clock,
    log,
    table: facts.releaseTable,
    attachments: addons,
    phase: releasePhase({commands: releaseCommands(dynos, ground), outputs: facts.outputs, clock, log}),
    launcher: {
      launch(appId, because) {
        dynos()
          .converge(appId, because)
          .catch(error => log.error('converge failed', {appId, because, error}))
      },
    },
    logs: facts.logplex,
    queues: new Queues(),
  })
}

/** The release command is a one-off dyno of the release it belongs to; one that an earlier runtime started goes on. */
function releaseCommands(dynos: () => DynoManager, ground: Ground): ReleaseCommands {
  return {
    async run({app, release, slug, command, onOutput}, signal) {
      const stopWith = (dyno: string): void => {
        const stop = (): void =>
          void dynos()
            .stop(app.id, {dyno})
            .catch(() => undefined)
        if (signal.aborted) stop()
        signal.addEventListener('abort', stop, {once: true})
      }
      const adopted = dynos().takeReleaseRun(release.id)
      if (adopted !== undefined) {
        stopWith(adopted.dyno)
        const {code, output} = await adopted.ended
        onOutput(output)
        return code
      }
      await ground.engine.ping()
      const request = {appId: app.id, command, type: 'release', release: {release, slug}, user: release.userEmail, onOutput, log: true}
      const oneOff = await dynos().runOneOff(request)
      stopWith(oneOff.dyno.name)
      return await oneOff.ended
    },
  }
}

function makeDynos(ground: Ground, facts: Facts, releases: Releases, routing: RoutingTable): DynoManager {
  return createDynoManager({
    ...ground,
    home: ground.homeId,
    random: Math.random,
    idleMs: idleTime(process.env),
    cycleMs: cycleTime(process.env),
    logplex: facts.logplex,
    wanted: {
      wantingAppIds: () => facts.formations.wantingAppIds(),
      sleepyAppIds: () => facts.formations.sleepyAppIds(),
      wanted(appId) {
        const app = facts.apps.find(appId)
        const release = app === undefined ? undefined : releases.currentOf(app)
        if (app === undefined || release === undefined) return undefined
        return {app, release, slug: releases.slugOf(release), formation: facts.formations.list(appId)}
      },
    },
    onWebChanged: appId => routing.refresh(appId),
    quiet: (dyno, signal) => routing.quiet(dyno, signal),
    dial: (appId, dyno, how) => routing.dial(appId, dyno, how),
  })
}

/** Of an add-on that the runtime serves: pages below its own address. */
function pageOf(addon: AddonRecord, {papertrail, librato, addresses}: Services): AddonPage | undefined {
  const service = [papertrail.service, librato.service].find(one => one.serves(addon))
  return service && {url: `${addresses.api()}${service.pagePath(addon.id)}`}
}

type Running = Pick<Services, 'addons' | 'releases' | 'dynos'> & {routing: RoutingTable}

function makeServices(options: RuntimeOptions, ground: Ground, facts: Facts, running: Running): Pick<Wired, 'services' | 'lifecycle'> {
  const {store, home} = ground
  const {routing} = running
  const sources = new Sources(home.builds)
  const shown: {routerAddress: RouterAddress | undefined} = {routerAddress: undefined}
  const api = (): string => `127.0.0.1:${options.apiPort()}`
  const compiler = options.compiler(ground)
  const builds = makeBuilds(ground, facts, running, {compiler, sources, webUrl: app => webUrl(app, shown.routerAddress)})
  const transfers = makeTransfers(ground, running.addons)
  const base = {...facts, ...ground, ...running, builds, sources, transfers}
  const repositories = new Repositories(home.git, {command: options.hook, socket: home.socket, home: home.root})
  const pushedImages = new PushedImages({...base, table: new BuildTable(store, ground.clock)})
  const collector = new Collector({...base, pushedImages, repositories, keep: Number(process.env['HOKKU_KEEP_SLUGS']) || keptSlugs})
  const lifecycle = new AppLifecycle({...base, home: ground.homeId, repositories})
  // What is wanted is stored by then: without an engine the router follows when there is one.
  const routesChanged = (appId: string): Promise<void> =>
    routing.refresh(appId).catch(error => ground.log.info('the router follows later', {error}))
  const destroyApp = lifecycle.destroy.bind(lifecycle)
  const services: WiredServices = Object.assign(shown, {
    ...base,
    repositories,
    collector,
    compiler,
    account: {
      id: setting(store, 'account.id', randomUUID),
      email: setting(store, 'account.email', () => process.env['HOKKU_EMAIL'] || localEmail()),
    },
    pushedImages,
    papertrail: new Papertrail({...base, table: new SearchTable(store, ground.seal), app: id => facts.apps.find(id)}),
    librato: new Librato(base),
    scheduler: new Scheduler({...base, table: new JobTable(store)}),
    restore: new Restore({...ground, addons: running.addons.moving}),
    writeBackup: (wanted: BackupOptions) => writeBackup({...base, addons: running.addons.moving, version: options.version}, wanted),
    addresses: {api: () => `http://${api()}`, rendezvous: api, router: () => shown.routerAddress},
    token: loadToken(home.token),
    appSetups: new AppSetups({...base, table: new SetupTable(store, ground.clock), destroyApp}),
    acm: new Acm({...base, ...options.acme(ground), onChanged: routesChanged}),
    createApp: lifecycle.create.bind(lifecycle),
    destroyApp,
    routesChanged,
  })
  return {services, lifecycle}
}

function makeTransfers({store, seal, clock, log, home, homeId}: Ground, addons: Addons): Transfers {
  const files = new SealedFiles(home.backups, seal.keyFor('backups'), 'dump')
  return new Transfers({
    work: {addons, files, stores: new BackupStores({store, seal, homeId, local: files}), download: fetchSource},
    table: new TransferTable(store, seal, clock),
    schedules: new BackupSchedules(store, clock),
    store,
    clock,
    log,
  })
}

function makeBuilds(
  ground: Ground,
  facts: Facts,
  running: Running,
  more: {compiler: SlugCompiler; sources: Sources; webUrl: (app: AppRecord) => string},
): Builds {
  const deps = {
    ...facts,
    ...ground,
    ...running,
    ...more,
    table: new BuildTable(ground.store, ground.clock),
    images: facts.slugImages,
    limits: buildLimits(process.env),
    settling: running.dynos,
    logs: facts.logplex,
    configVars: (appId: string) => ({...facts.configVars.get(appId), ...running.addons.configVars(appId, 'dyno')}),
  }
  return new Builds(deps, new Queues())
}

function localEmail(): string {
  return `${userInfo().username}@${hostname()}`
}
