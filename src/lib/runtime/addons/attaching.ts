import {randomUUID} from 'node:crypto'
import {PlatformError} from '../../schema/errors.js'
import type {AppRecord} from '../apps/app-record.js'
import type {AddonRecord, AttachmentRecord} from './addons.js'
import type {CatalogueService} from './catalogue.js'
import {poolNamespace} from './following.js'
import {attachmentName} from './naming.js'
import type {Parts} from './parts.js'

export interface AttachRequest {
  addon: AddonRecord
  app: AppRecord
  /** Default: the service's own name, or one with a colour. */
  name?: string
  namespace?: string
  /** The app's name, when an attachment of that name may be replaced. */
  confirm?: string
}

/**
 * The rows of a new attachment and the release it calls for; part of a transaction. Throws confirmation_required when the name is in use,
 * invalid_params for another app's add-on of a service that apps do not share.
 */
export function attach(parts: Parts, request: AttachRequest, user: string): AttachmentRecord {
  const {addon, app} = request
  if (addon.state === 'deprovisioning' || addon.state === 'deprovisioned')
    throw new PlatformError('conflict', `${addon.name} is being destroyed.`)
  const {api, local} = parts.catalogue.service(addon.service).manifest
  if (app.id !== addon.appId && !api.requires.includes('attachable'))
    throw new PlatformError(
      'invalid_params',
      `${addon.name} cannot be attached to ${app.name}: apps do not share ${addon.service} add-ons.`,
    )
  const present = parts.rows.attachmentsOf(app.id)
  const {attachment: first, alternate_prefix: alternate} = local
  const taken = present.map(one => one.name)
  const own = request.namespace === poolNamespace ? `${first}_CONNECTION_POOL` : first
  const name = request.name ?? attachmentName(own, alternate, taken, parts.random)
  const replaced = present.find(one => one.name === name)
  if (replaced !== undefined) replace(parts, replaced, app, request.confirm)
  const now = parts.clock.now()
  const attachment = {
    id: randomUUID(),
    addonId: addon.id,
    appId: app.id,
    name,
    namespace: request.namespace,
    createdAt: now,
    updatedAt: now,
  }
  parts.rows.insertAttachment(attachment)
  parts.owed.owe({appId: app.id, description: `Attach ${name} (@ref:${addon.name})`, user, addonConfigOnly: false})
  return attachment
}

export function detach(parts: Parts, addon: AddonRecord, attachment: AttachmentRecord, user: string): void {
  parts.rows.deleteAttachment(attachment.id)
  const description = `Detach ${attachment.name} (@ref:${addon.name})`
  parts.owed.owe({appId: attachment.appId, description, user, addonConfigOnly: false})
}

/** Throws invalid_params for another add-on of a service of which an app can have one only. */
export function checkOnly({rows}: Parts, app: AppRecord, {manifest: {id, api}}: CatalogueService): void {
  if (api.requires.includes('many_per_app')) return
  const present = rows.addonsOf(app.id).find(addon => addon.service === id && addon.state !== 'deprovisioned')
  if (present !== undefined)
    throw new PlatformError('invalid_params', `${app.name} has ${present.name} already, and an app can have one ${id} add-on only.`)
}

function replace(parts: Parts, old: AttachmentRecord, app: AppRecord, confirm: string | undefined): void {
  const holder = parts.rows.addon(old.addonId)
  if (confirm !== app.name)
    throw new PlatformError(
      'confirmation_required',
      `Adding ${old.name} to app ${app.name} would overwrite existing vars from ${holder?.name} on ${app.name}.`,
    )
  parts.rows.deleteAttachment(old.id)
}
