import {notFound} from '../../schema/errors.js'
import type {AddonRecord, AttachmentRecord} from './addons.js'
import type {Catalogue} from './catalogue.js'
import {configVarNames} from './templates.js'

/** Everything there is, and the app a name is to be understood in. */
export interface ResolveScope {
  addons: AddonRecord[]
  attachments: AttachmentRecord[]
  catalogue: Catalogue
  /** App name → id; undefined when there is none. */
  appId: (name: string) => string | undefined
  /** Id of the app named in the request. */
  app?: string
  service?: string
}

/**
 * The add-ons an identity may mean, the most exact reading first: id or name, attachment (`DATABASE`, `DATABASE_URL`,
 * `demo::DATABASE`), service or `service:plan`. Several are for the caller to choose from. Throws not_found.
 */
export function resolveAddons(identity: string, scope: ResolveScope): AddonRecord[] {
  const ofService = scope.addons.filter(addon => scope.service === undefined || addon.service === scope.service)
  const exact = ofService.filter(addon => addon.id === identity || addon.name === identity)
  if (exact.length > 0) return exact
  const attached = attachmentsNamed(identity, scope).map(one => one.addonId)
  const byAttachment = ofService.filter(addon => attached.includes(addon.id))
  if (byAttachment.length > 0) return byAttachment
  const inApp = ofService.filter(addon => scope.app === undefined || addon.appId === scope.app || isAttached(addon, scope))
  const byService = inApp.filter(addon => servesAs(addon, identity, scope.catalogue))
  if (byService.length > 0) return byService
  throw notFound('add_on')
}

/** The attachments an identity may mean: id, name, config var, `app::NAME`, or the add-on's name. Throws not_found. */
export function resolveAttachments(identity: string, scope: ResolveScope): AttachmentRecord[] {
  const byId = scope.attachments.filter(one => one.id === identity)
  const found = [byId, attachmentsNamed(identity, scope), attachmentsTo(identity, scope)].find(list => list.length > 0) ?? []
  const wanted = found.filter(one => scope.service === undefined || addonOf(one, scope)?.service === scope.service)
  if (wanted.length > 0) return wanted
  throw notFound('add_on attachment')
}

function attachmentsNamed(identity: string, scope: ResolveScope): AttachmentRecord[] {
  const [first, second] = identity.split('::') as [string, string | undefined]
  const app = second === undefined ? scope.app : scope.appId(first)
  if (app === undefined) return []
  const name = second ?? first
  const inApp = scope.attachments.filter(one => one.appId === app)
  const byName = inApp.filter(one => one.name === name)
  return byName.length > 0 ? byName : inApp.filter(one => varsOf(one, scope).includes(name))
}

function attachmentsTo(identity: string, scope: ResolveScope): AttachmentRecord[] {
  const inApp = scope.attachments.filter(one => scope.app === undefined || one.appId === scope.app)
  return inApp.filter(one => {
    const addon = addonOf(one, scope)
    return addon !== undefined && (addon.id === identity || addon.name === identity)
  })
}

function addonOf(attachment: AttachmentRecord, scope: ResolveScope): AddonRecord | undefined {
  return scope.addons.find(addon => addon.id === attachment.addonId)
}

function varsOf(attachment: AttachmentRecord, scope: ResolveScope): string[] {
  const addon = addonOf(attachment, scope)
  return addon === undefined ? [] : configVarNames(attachment.name, scope.catalogue.service(addon.service))
}

function isAttached(addon: AddonRecord, scope: ResolveScope): boolean {
  return scope.attachments.some(one => one.addonId === addon.id && one.appId === scope.app)
}

function servesAs(addon: AddonRecord, identity: string, catalogue: Catalogue): boolean {
  const [service, plan] = identity.split(':')
  const {manifest} = catalogue.service(addon.service)
  if (manifest.id !== service && !manifest.local.aliases.includes(service as string)) return false
  return plan === undefined || plan === addon.plan || manifest.local.plan_aliases[plan] === addon.plan
}
