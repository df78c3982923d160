import {randomUUID} from 'node:crypto'
import {PlatformError} from '../../schema/errors.js'
import type {AppRecord} from '../apps/app-record.js'
import type {AddonRecord} from './addons.js'
import {attach, checkOnly} from './attaching.js'
import {addonName, checkAddonName, checkAttachmentName, credentialsFor, hostPortFor} from './naming.js'
import type {Parts} from './parts.js'
import {type Find, seedOf} from './seeding.js'

export interface CreateRequest {
  /** `service` or `service:plan`. */
  plan: string
  /** Name of the add-on itself. */
  name?: string
  /** Name of the first attachment. */
  attachment?: string
  options?: Record<string, string>
  /** The app's name, when an attachment of that name may be replaced. */
  confirm?: string
}

/** Stores a new add-on with its first attachment and the release owed for it. Throws what is wrong with the request. */
export async function insertNew(parts: Parts, app: AppRecord, request: CreateRequest, find: Find, user: string): Promise<AddonRecord> {
  const {catalogue, rows, random, clock} = parts
  const {service, plan} = catalogue.plan(request.plan)
  checkOnly(parts, app, service)
  if (request.name !== undefined) checkFree(parts, request.name)
  if (request.attachment !== undefined) checkAttachmentName(request.attachment)
  const {options, credentials} = await seedOf(parts, service, plan, request.options ?? {}, find)
  const now = clock.now()
  return rows.transaction(() => {
    // Again: others may have come while a server was asked about its past.
    checkOnly(parts, app, service)
    if (request.name !== undefined) checkFree(parts, request.name)
    const addon: AddonRecord = {
      id: randomUUID(),
      appId: app.id,
      name: request.name ?? freeName(parts, service.manifest.local.name_prefix),
      service: service.manifest.id,
      plan: plan.name,
      state: 'provisioning',
      options,
      credentials: {...credentialsFor(service.manifest.local.credentials, random), ...credentials},
      hostPort: hostPortFor(rows.hostPorts(), random),
      createdAt: now,
      updatedAt: now,
    }
    const {attachment: name, confirm} = request
    rows.insertAddon(addon)
    attach(parts, {addon, app, ...(name && {name}), ...(confirm && {confirm})}, user)
    return addon
  })
}

/** Throws invalid_params for a name that an add-on cannot have or one has. */
export function checkFree({rows}: Parts, name: string): void {
  checkAddonName(name)
  const present = rows.addon(name)
  // One that could not be provisioned is kept only so that whoever waits for it learns why.
  if (present?.state === 'deprovisioned') rows.deleteAddon(present.id)
  if (rows.nameTaken(name)) throw new PlatformError('invalid_params', `Name ${name} is already taken`)
}

function freeName({rows, random}: Parts, prefix: string): string {
  for (;;) {
    const name = addonName(prefix, random)
    if (!rows.nameTaken(name)) return name
  }
}
