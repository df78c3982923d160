import type {Session, TtySize} from '../../engine/engine.js'
import {notFound, PlatformError} from '../../schema/errors.js'
import type {ConfigVars} from '../../schema/resources.js'
import type {AppRecord} from '../apps/app-record.js'
import type {Attachments} from '../releases/releases.js'
import {Queues} from '../support/queues.js'
import {addonStore} from './addon-store.js'
import type {AddonRecord, AttachmentRecord} from './addons.js'
import {type AttachRequest, attach, detach} from './attaching.js'
import {type Catalogue, loadCatalogue} from './catalogue.js'
import {type CreateRequest, checkFree, insertNew} from './creating.js'
import {rotate} from './credentials.js'
import {checkUnused, destroyed} from './destroying.js'
import {checkStillOffered, followersOf, letGo, poolNamespace, tellFollowers} from './following.js'
import {addonImages} from './images.js'
import {InstalledServices, tidyServices} from './installed-services.js'
import {addonInstances} from './instance.js'
import {moving} from './moving.js'
import {checkAttachmentName} from './naming.js'
import {owedReleases} from './owed-releases.js'
import {partnerTable} from './partner/partner-table.js'
import {Partners} from './partner/partners.js'
import {type AddonsDeps, attachedApps, attachedAs, known, type Parts, reachedApps} from './parts.js'
import {wantPool} from './pooling.js'
import {type Provisioning, provisioning} from './provisioning.js'
import {resolveAddons, resolveAttachments} from './resolve.js'
import {addonServers, type Servers} from './servers.js'
import {shown} from './shown.js'
import {Snapshots} from './snapshots.js'
import {configVarNames} from './templates.js'

export type {AttachRequest} from './attaching.js'
export type {CreateRequest} from './creating.js'
export type {AddonsDeps} from './parts.js'

export interface ResolveOptions {
  app?: string
  service?: string
}

/** Reads the catalogue and puts the add-ons together; starts nothing. Throws when a manifest has faults. */
export function createAddons(deps: AddonsDeps): Addons {
  const images = addonImages(deps)
  tidyServices(deps.servicesDirectory)
  const parts: Parts = {
    ...deps,
    images,
    catalogue: loadCatalogue(
      deps.catalogueDirectory,
      {
        directory: deps.servicesDirectory,
        onFault: error => deps.log.error('an installed add-on service cannot be read', {error}),
      },
      deps.ownServices,
    ),
    rows: addonStore(deps.store, deps.seal),
    instances: addonInstances({...deps, images}),
    snapshots: new Snapshots(deps, images),
    owed: owedReleases(deps.store, deps.releaser, deps.log),
    queues: new Queues(),
    partners: partnerTable(deps.store, deps.seal),
    closing: new AbortController(),
  }
  const servers = addonServers(parts)
  const work = provisioning(parts, servers)
  return new Addons(parts, servers, work, new InstalledServices(parts, work), new Partners(parts, work))
}

/** Add-ons and their attachments. Changes are stored, then done; errors are PlatformErrors with Heroku's ids. */
export class Addons implements Attachments {
  constructor(
    private readonly parts: Parts,
    private readonly servers: Servers,
    private readonly work: Provisioning,
    readonly installed: InstalledServices,
    readonly partners: Partners,
  ) {}

  get catalogue(): Catalogue {
    return this.parts.catalogue
  }

  /** What destroyed add-ons held. */
  get snapshots(): Snapshots {
    return this.parts.snapshots
  }

  /** What a backup of the platform wants of them, and brings back. */
  get moving() {
    return moving(this.parts)
  }

  /** What is told of one to people and to their clients. */
  get shown() {
    return shown(this.parts, this.servers, this.work)
  }

  /** Continues what a killed runtime left, and sees to it that every provisioned add-on runs. Resolves before that is done. */
  start(): Promise<void> {
    return this.work.start()
  }

  /** Lets go; containers keep running. */
  close(): Promise<void> {
    return this.work.close()
  }

  /** Resolves when no work is queued, for tests and for shutting down. */
  async idle(): Promise<void> {
    await this.work.idle()
    await this.parts.owed.idle()
  }

  /** Resolves when no add-on attached to the app is being provisioned: what is released then has all config vars. */
  async settled(appId: string): Promise<void> {
    for (const {addonId} of this.parts.rows.attachmentsOf(appId)) await this.parts.queues.run(addonId, () => undefined)
  }

  list(): AddonRecord[] {
    return this.parts.rows.addons().filter(addon => addon.state !== 'deprovisioned')
  }

  /** Those billed to an app. */
  listOf(appId: string): AddonRecord[] {
    return this.parts.rows.addonsOf(appId).filter(addon => addon.state !== 'deprovisioned')
  }

  /** By id or name; of one app when given. Throws not_found. A failed one is still found, with its state. */
  get(identity: string, appId?: string): AddonRecord {
    const addon = this.parts.rows.addon(identity)
    if (addon !== undefined && (appId === undefined || addon.appId === appId || attachedApps(this.parts, addon.id).includes(appId)))
      return addon
    throw notFound('add_on')
  }

  /** Why it could not be provisioned. */
  failure(addonId: string): string | undefined {
    return this.work.failure(addonId)?.message
  }

  /** Config vars of an add-on in an app. */
  configVarNames(addon: AddonRecord, appId: string): string[] {
    return attachedAs(this.parts, addon, appId).configVars
  }

  async create(app: AppRecord, request: CreateRequest, user: string): Promise<AddonRecord> {
    const find = (identity: string) =>
      this.addonsAt(identity, {app: app.name, service: this.catalogue.plan(request.plan).service.manifest.id})
    const addon = await insertNew(this.parts, app, request, find, user)
    // The release first, so that "completed provisioning" never comes before "Attach".
    let first = Promise.resolve()
    await this.parts.owed.settle(app.id).finally(() => {
      first = this.work.provision(addon.id)
    })
    return this.servers.of(addon).answersAtOnce ? await this.afterwards(addon, first) : addon
  }

  /** An add-on whose first outcome is known. Throws why there is none of it now. */
  private async afterwards(addon: AddonRecord, first: Promise<void>): Promise<AddonRecord> {
    await first
    const made = this.parts.rows.addon(addon.id)
    if (made !== undefined && made.state !== 'deprovisioned') return made
    throw this.work.failure(addon.id) ?? new PlatformError('conflict', `${addon.name} was destroyed.`, {resource: 'add_on'})
  }

  /** Gives the app an add-on unless one of that service is attached already; the name of what was made. */
  async provide(app: AppRecord, plan: string, user: string): Promise<string | undefined> {
    const {service} = this.catalogue.plan(plan)
    const attached = this.parts.rows.attachmentsOf(app.id).map(({addonId}) => this.parts.rows.addon(addonId)?.service)
    if (attached.includes(service.manifest.id)) return undefined
    return (await this.create(app, {plan}, user)).name
  }

  /** Its container is replaced by one with the new limits; the data stays. */
  async changePlan(addon: AddonRecord, plan: string, user: string): Promise<AddonRecord> {
    const wanted = this.catalogue.plan(plan.includes(':') ? plan : `${addon.service}:${plan}`)
    if (wanted.service.manifest.id !== addon.service)
      throw new PlatformError('invalid_params', `${addon.name} is a ${addon.service} add-on, it cannot change to ${plan}.`)
    if (addon.state !== 'provisioned')
      throw new PlatformError('conflict', `${addon.name} is ${addon.state}. Try again when it is provisioned.`)
    checkStillOffered(this.parts, addon, wanted.plan)
    await this.parts.queues.run(addon.id, () => this.servers.of(addon).changePlan(addon, wanted.plan.name))
    this.parts.log.info('add-on plan changed', {addon: addon.name, plan: wanted.plan.name, user})
    await this.work.ensure(addon.id)
    return this.get(addon.id)
  }

  /**
   * New passwords: the server starts again, which ends every connection, and each app gets a release. A runtime that is killed in between
   * does what is left when it starts. Throws as `rotate` in credentials.ts does.
   */
  async rotateCredentials(addon: AddonRecord, user: string): Promise<void> {
    const apps = rotate(this.parts, addon)
    this.parts.log.info('add-on credentials rotated', {addon: addon.name, user})
    for (const {id} of [addon, ...followersOf(this.parts, addon.id)]) await this.work.ensure(id)
    await Promise.all(apps.map(appId => this.parts.owed.settle(appId)))
  }

  /** Makes a follower a database of its own, which can be written to. Throws invalid_params for one that follows nobody. */
  async unfollow(addon: AddonRecord, user: string): Promise<void> {
    const leaderId = addon.options['follow']
    if (leaderId === undefined) throw new PlatformError('invalid_params', `${addon.name} is not a follower`, {resource: 'add_on'})
    letGo(this.parts, addon)
    this.parts.log.info('follower let go', {addon: addon.name, user})
    await this.work.ensure(addon.id)
    await tellFollowers(this.parts, leaderId)
  }

  /** Only the name: host name, config vars and container stay. Throws invalid_params when it is taken. */
  rename(addon: AddonRecord, name: string, user: string): AddonRecord {
    this.parts.rows.transaction(() => {
      if (name !== addon.name && name !== addon.host) checkFree(this.parts, name)
      this.parts.rows.renameAddon(addon.id, name, this.parts.clock.now())
    })
    this.parts.log.info('add-on renamed', {addon: addon.name, name, user})
    return this.get(addon.id)
  }

  /**
   * Server, attachments and data, which is kept as a snapshot first. With `force` also when other apps use it, or others follow it: those go
   * on by themselves. Throws forbidden without; service_unavailable when the data could not be kept: then it stays, and destroying it again
   * goes on.
   */
  async destroy(addon: AddonRecord, {force}: {force: boolean}, user: string): Promise<AddonRecord> {
    if (!force) checkUnused(this.parts, addon)
    const followers = followersOf(this.parts, addon.id)
    const apps = destroyed(this.parts, addon, user)
    await Promise.all(apps.map(appId => this.parts.owed.settle(appId)))
    // A follower that has not got everything yet would be no database.
    for (const one of followers) if (one.state === 'provisioning') await this.destroy(one, {force}, user)
    // Its server ends first, and sends its followers all that they lack when it does.
    await this.work.deprovision(addon.id).finally(() => Promise.all(followers.map(({id}) => this.work.ensure(id))))
    return this.parts.rows.addon(addon.id) ?? {...addon, state: 'deprovisioned'}
  }

  /** Before an app goes: its add-ons are destroyed, and it is detached from those of others. */
  async removeApp(appId: string): Promise<void> {
    const user = 'heroku@addons.heroku.com'
    for (const one of this.attachmentsOf(appId)) {
      const addon = this.get(one.addonId)
      // The row goes last: a kill in between must not leave the server in a network that nobody knows of.
      await this.parts.instances.leave(addon, appId)
      this.parts.rows.deleteAttachment(one.id)
    }
    const own = this.parts.rows.addonsOf(appId)
    const followersFirst = own.toSorted((a, b) => Number(b.options['follow'] !== undefined) - Number(a.options['follow'] !== undefined))
    for (const addon of followersFirst) await this.destroy(addon, {force: true}, user)
  }

  allAttachments(): AttachmentRecord[] {
    return this.parts.rows.attachments()
  }

  attachmentsOf(appId: string): AttachmentRecord[] {
    return this.parts.rows.attachmentsOf(appId)
  }

  attachmentsTo(addonId: string): AttachmentRecord[] {
    return this.parts.rows.attachmentsTo(addonId)
  }

  /** By id, or by name in an app. Throws not_found. */
  attachment(identity: string, appId?: string): AttachmentRecord {
    const byId = this.parts.rows.attachment(identity)
    if (byId !== undefined && (appId === undefined || byId.appId === appId)) return byId
    const found = appId === undefined ? undefined : this.attachmentsOf(appId).find(one => one.name === identity)
    if (found === undefined) throw notFound('add_on attachment')
    return found
  }

  async attach(request: AttachRequest, user: string): Promise<AttachmentRecord> {
    if (request.name !== undefined) checkAttachmentName(request.name)
    const pooled = request.namespace === poolNamespace
    const [attachment, starts] = this.parts.rows.transaction(() => [
      attach(this.parts, request, user),
      pooled && wantPool(this.parts, request.addon),
    ])
    if (starts) await this.work.ensure(request.addon.id)
    await this.parts.instances.join(known(this.parts, request.addon), request.app.id)
    await this.parts.owed.settle(request.app.id)
    return attachment
  }

  async detach(attachment: AttachmentRecord, user: string): Promise<void> {
    const addon = this.get(attachment.addonId)
    this.parts.rows.transaction(() => detach(this.parts, addon, attachment, user))
    await this.parts.owed.settle(attachment.appId)
    if (!reachedApps(this.parts, addon).includes(attachment.appId)) await this.parts.instances.leave(addon, attachment.appId)
  }

  /** heroku-cli.md 3.1: what `POST /actions/addons/resolve` answers. Throws not_found. */
  resolveAddons(identity: string, options: ResolveOptions): AddonRecord[] {
    return resolveAddons(identity, this.scope(options))
  }

  /** Also by the value of a config var, as programs on the host see it. Throws not_found. */
  addonsAt(identity: string, options: ResolveOptions): AddonRecord[] {
    if (!identity.includes('://')) return this.resolveAddons(identity, options)
    const found = this.allAttachments().find(one => Object.values(this.configVarsOf(one, 'host')).includes(identity))
    if (found === undefined) throw notFound('add_on')
    return [this.get(found.addonId)]
  }

  resolveAttachments(identity: string, options: ResolveOptions): AttachmentRecord[] {
    return resolveAttachments(identity, this.scope(options))
  }

  attachments(appId: string): {name: string; addonId: string; addonName: string}[] {
    return this.attachmentsOf(appId).map(one => ({name: one.name, addonId: one.addonId, addonName: this.get(one.addonId).name}))
  }

  configVars(appId: string, view: 'dyno' | 'host'): ConfigVars {
    return Object.assign({}, ...this.attachmentsOf(appId).map(one => this.configVarsOf(one, view)))
  }

  /** None until the add-on is provisioned. */
  configVarsOf(attachment: AttachmentRecord, view: 'dyno' | 'host'): ConfigVars {
    const knows = known(this.parts, this.get(attachment.addonId))
    return knows.addon.state === 'provisioned' ? this.servers.of(knows.addon).configVars(attachment, knows, view) : {}
  }

  /** Names only, also while it is being provisioned. */
  configVarNamesOf(attachment: AttachmentRecord): string[] {
    return configVarNames(attachment.name, this.catalogue.service(this.get(attachment.addonId).service))
  }

  planNames(appId: string): string[] {
    return this.listOf(appId).map(addon => `${addon.service}:${addon.plan}`)
  }

  /** Who follows it. */
  followers(addon: AddonRecord): AddonRecord[] {
    return followersOf(this.parts, addon.id)
  }

  /** What the server says of itself: `Name: value` lines. Empty for a service without that command. */
  async facts(addon: AddonRecord): Promise<[name: string, value: string][]> {
    const {info} = this.catalogue.service(addon.service).manifest.local.commands
    if (info === undefined) return []
    const lines = (await this.parts.instances.ask(addon, info)).split('\n').map(line => line.match(/^([^:]+): *(.*)$/))
    return lines.flatMap(match => (match === null ? [] : [[match[1] as string, match[2] as string]]))
  }

  /** Empties the data. Throws invalid_params when the service cannot. */
  async reset(addon: AddonRecord): Promise<void> {
    const {reset} = this.catalogue.service(addon.service).manifest.local.commands
    if (reset === undefined) throw new PlatformError('invalid_params', `${addon.service} cannot be reset.`)
    await this.parts.queues.run(addon.id, () => this.parts.instances.ask(addon, reset))
  }

  /** What one of the service's commands prints. Throws invalid_params when it has none of that name. */
  async tell(addon: AddonRecord, command: 'diagnose' | 'reset_statistics' | 'settings', ...words: string[]): Promise<string> {
    const argv = this.catalogue.service(addon.service).manifest.local.commands[command]
    if (argv === undefined) throw new PlatformError('invalid_params', `${addon.service} has no such command.`)
    return await this.parts.instances.ask(addon, [...argv, ...words])
  }

  /** Ends every connection of clients. Throws invalid_params when the service cannot. */
  async disconnect(addon: AddonRecord): Promise<void> {
    const {disconnect} = this.catalogue.service(addon.service).manifest.local.commands
    if (disconnect === undefined) throw new PlatformError('invalid_params', `${addon.service} cannot end connections.`)
    await this.parts.instances.ask(addon, disconnect)
  }

  /** Runs a command in the add-on's container, by default the service's own shell. The caller owns the session. */
  async openSession(addon: AddonRecord, request: {command?: string[]; tty: TtySize | undefined}): Promise<Session> {
    const command = request.command ?? this.catalogue.service(addon.service).manifest.local.commands.shell
    if (command === undefined) throw new PlatformError('invalid_params', `${addon.service} has no shell.`)
    return await this.parts.instances.open(addon, command, request.tty)
  }

  private scope(options: ResolveOptions) {
    const {resolveApp} = this.parts
    const app = options.app === undefined ? undefined : resolveApp(options.app).id
    return {
      addons: this.list(),
      attachments: this.allAttachments(),
      catalogue: this.catalogue,
      appId: (name: string) => resolveApp(name).id,
      ...(app !== undefined && {app}),
      ...(options.service !== undefined && {service: options.service}),
    }
  }
}
