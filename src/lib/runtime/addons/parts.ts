import type {Engine} from '../../engine/engine.js'
import type {AddonPage} from '../../schema/addon-page.js'
import type {Identity} from '../../schema/certificate-chain.js'
import type {AppRecord} from '../apps/app-record.js'
import type {HostTrust} from '../slugs/host-trust.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {LogSink} from '../support/log-sink.js'
import type {EngineNames} from '../support/names.js'
import type {Queues} from '../support/queues.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {Seal} from '../support/seal.js'
import type {SealedFiles} from '../support/sealed-files.js'
import type {AddonStore} from './addon-store.js'
import type {AddonRecord, AttachmentReleaser} from './addons.js'
import type {Catalogue, CatalogueService} from './catalogue.js'
import {findPlan} from './catalogue.js'
import type {AddonImages} from './images.js'
import type {Instances, KnownAddon} from './instance.js'
import type {RandomBytes} from './naming.js'
import type {OwedReleases} from './owed-releases.js'
import type {PartnerTable} from './partner/partner-table.js'
import type {Snapshots} from './snapshots.js'
import {configVarNames} from './templates.js'

/** What `createAddons` needs of the rest of the runtime. */
export interface AddonsDeps {
  engine: Engine
  store: Store
  seal: Seal
  clock: Clock
  log: RuntimeLog
  logs: LogSink
  names: EngineNames
  /** The home's id. */
  home: string
  releaser: AttachmentReleaser
  /** Certifies servers under names of this machine, for so many days. */
  authority: {issue(hostnames: string[], days: number): Identity}
  /** App by name or id; throws not_found. */
  resolveApp(nameOrId: string): AppRecord
  /** `addons/` of the package. */
  catalogueDirectory: string
  /** What is in there, when somebody has read it already. */
  ownServices?: CatalogueService[] | undefined
  /** Of the home: services that were installed from a folder. */
  servicesDirectory: string
  /** Where the data of destroyed add-ons is kept for a while. */
  snapshotFiles: SealedFiles
  /** Where partners reach the Platform API: `http://127.0.0.1:5080`. */
  apiUrl(): string
  /** Where people look at an add-on that the runtime serves; undefined where there is nothing to see. */
  servedPage(addon: AddonRecord): AddonPage | undefined
  /** Log drains of add-ons. */
  drains: AddonDrains
  /** `node:crypto`'s randomBytes, or something repeatable in tests. */
  random: RandomBytes
  /** Makes the base image where no registry answers. */
  ensureBase?: (signal: AbortSignal) => Promise<unknown>
  /** What downloads of image builds need of the host. */
  trust: () => Promise<HostTrust>
}

/** What add-ons need of log drains, which are no business of theirs otherwise. */
export interface AddonDrains {
  /** The app's lines go there, marked by that token; done before is success. Throws invalid_params. */
  ensure(drain: {appId: string; addonId: string; url: string; token: string}): void
  /** Resolves when nothing more is sent. */
  removeOf(addonId: string): Promise<void>
}

/** The dependencies and what was made of them, shared by the files of this folder. */
export interface Parts extends AddonsDeps {
  catalogue: Catalogue
  rows: AddonStore
  images: AddonImages
  instances: Instances
  snapshots: Snapshots
  owed: OwedReleases
  /** Work on one add-on never overlaps. */
  queues: Queues
  partners: PartnerTable
  /** Aborted when the runtime lets go. */
  closing: AbortController
}

export function known(parts: Parts, addon: AddonRecord): KnownAddon {
  const service = parts.catalogue.service(addon.service)
  const leader = addon.options['follow'] === undefined ? undefined : parts.rows.addon(addon.options['follow'])
  return {addon, service, plan: findPlan(service.manifest, addon.plan), ...(leader && {leader})}
}

/** Apps in whose networks its server is: those it is attached to, and its leader's. */
export function reachedApps(parts: Parts, addon: AddonRecord): string[] {
  const {leader} = known(parts, addon)
  return [...new Set([...attachedApps(parts, addon.id), ...(leader === undefined ? [] : [leader.appId])])]
}

/** Apps an add-on is attached to, each once. */
export function attachedApps(parts: Parts, addonId: string): string[] {
  return [...new Set(parts.rows.attachmentsTo(addonId).map(one => one.appId))]
}

/** Names of the attachments of an add-on in an app, and the config vars they stand for. */
export function attachedAs(parts: Parts, addon: AddonRecord, appId: string): {names: string[]; configVars: string[]} {
  const service = parts.catalogue.service(addon.service)
  const names = parts.rows.attachmentsTo(addon.id).flatMap(one => (one.appId === appId ? [one.name] : []))
  return {names, configVars: names.flatMap(name => configVarNames(name, service))}
}

/** Owes every app that an add-on is attached to a release; part of the transaction of the change. */
export function oweEach(
  parts: Parts,
  addon: AddonRecord,
  user: string,
  addonConfigOnly: boolean,
  describe: (appId: string) => string,
): string[] {
  const apps = attachedApps(parts, addon.id)
  for (const appId of apps) parts.owed.owe({appId, description: describe(appId), user, addonConfigOnly})
  return apps
}

/** The same for an add-on whose service has changed its config vars: `Update DATABASE by heroku-postgresql`. */
export function oweUpdate(parts: Parts, addon: AddonRecord): string[] {
  const describe = (appId: string): string => `Update ${attachedAs(parts, addon, appId).names.join(', ')} by ${addon.service}`
  return oweEach(parts, addon, partnerUser(addon), true, describe)
}

export function partnerUser(addon: AddonRecord): string {
  return `${addon.service}@addons.heroku.com`
}
