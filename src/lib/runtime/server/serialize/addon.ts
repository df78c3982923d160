import type {AddonPlan} from '../../../schema/addon-manifest.js'
import type {AddOn, AddOnAttachment, AddOnService, Plan, Price, Ref} from '../../../schema/resources.js'
import type {AddonRecord, AttachmentRecord} from '../../addons/addons.js'
import {type CatalogueService, findPlan, planId, serviceId} from '../../addons/catalogue.js'
import {isoSeconds} from '../../support/clock.js'
import type {Services} from '../services.js'
import {named} from './ids.js'

export type AddonServices = Pick<Services, 'addons' | 'apps'>

/** When the catalogue's entries were made; they have no rows. */
const catalogueTime = '2026-11-01T00:00:00Z'

export function serializeService({manifest}: CatalogueService): AddOnService {
  return {
    cli_plugin_name: null,
    created_at: catalogueTime,
    human_name: manifest.local.human_name,
    id: serviceId(manifest.id),
    name: manifest.id,
    state: manifest.local.state,
    supports_multiple_installations: manifest.api.requires.includes('many_per_app'),
    supports_sharing: manifest.api.requires.includes('attachable'),
    updated_at: catalogueTime,
    supported_generations: [named('generation', 'cedar')],
  }
}

export function serializePlan({manifest}: CatalogueService, plan: AddonPlan): Plan {
  return {
    addon_service: {id: serviceId(manifest.id), name: manifest.id},
    created_at: catalogueTime,
    compliance: null,
    default: plan.default === true,
    description: plan.description,
    human_name: plan.human_name,
    id: planId(manifest.id, plan.name),
    installable_inside_private_network: false,
    installable_outside_private_network: true,
    name: `${manifest.id}:${plan.name}`,
    price: priceOf(plan),
    space_default: false,
    state: manifest.local.state === 'ga' ? 'ga' : manifest.local.state,
    updated_at: catalogueTime,
    visible: true,
  }
}

/** `expand`: the words of `Accept-Expansion` (addon_service, plan). */
export function serializeAddon(addon: AddonRecord, services: AddonServices, expand: ReadonlySet<string>): AddOn {
  const service = services.addons.catalogue.service(addon.service)
  const plan = findPlan(service.manifest, addon.plan)
  const app = services.apps.resolve(addon.appId)
  const message = services.addons.shown.message(addon)
  return {
    actions: [],
    addon_service: expand.has('addon_service') ? serializeService(service) : {id: serviceId(addon.service), name: addon.service},
    billing_entity: {id: app.id, name: app.name, type: 'app'},
    app: {id: app.id, name: app.name},
    billed_price: priceOf(plan),
    config_vars: services.addons.configVarNames(addon, addon.appId),
    created_at: isoSeconds(addon.createdAt),
    id: addon.id,
    name: addon.name,
    plan: expand.has('plan') ? serializePlan(service, plan) : planRef(addon),
    provider_id: services.addons.shown.providerId(addon),
    ...(message !== undefined && {provision_message: message}),
    state: addon.state,
    updated_at: isoSeconds(addon.updatedAt),
    web_url: services.addons.shown.webUrl(addon) ?? null,
  }
}

/** `include`: the words of `Accept-Inclusion` (addon:plan, config_vars). */
export function serializeAttachment(one: AttachmentRecord, services: AddonServices, include: ReadonlySet<string>): AddOnAttachment {
  const addon = services.addons.get(one.addonId)
  const owner = services.apps.resolve(addon.appId)
  const app = services.apps.resolve(one.appId)
  return {
    addon: {
      id: addon.id,
      name: addon.name,
      app: {id: owner.id, name: owner.name},
      ...(include.has('addon:plan') && {plan: planRef(addon)}),
    },
    app: {id: app.id, name: app.name},
    created_at: isoSeconds(one.createdAt),
    id: one.id,
    name: one.name,
    namespace: one.namespace ?? null,
    updated_at: isoSeconds(one.updatedAt),
    web_url: services.addons.shown.webUrl(addon) ?? null,
    log_input_url: null,
    ...(include.has('config_vars') && {config_vars: services.addons.configVarNamesOf(one)}),
  }
}

/** The words of a comma-separated header. */
export function words(header: string | undefined): ReadonlySet<string> {
  return new Set((header ?? '').split(',').map(word => word.trim()))
}

function planRef(addon: AddonRecord): Ref {
  return {id: planId(addon.service, addon.plan), name: `${addon.service}:${addon.plan}`}
}

function priceOf(plan: AddonPlan): Price {
  return {cents: plan.price.cents, contract: false, metered: false, unit: plan.price.unit}
}
