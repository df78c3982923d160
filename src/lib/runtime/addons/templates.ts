import type {AddonPlan, templateFacts} from '../../schema/addon-manifest.js'
import type {ConfigVars} from '../../schema/resources.js'
import type {AddonRecord} from './addons.js'
import type {CatalogueService} from './catalogue.js'
import type {KnownAddon} from './instance.js'
import {hostOf} from './naming.js'

export interface Address {
  host: string
  port: number
  /** Of its page; 0 without one. */
  pagePort: number
}

/** Where an add-on is reached: by its name inside the apps' networks, through a published port from the host. */
export function addressFor(addon: AddonRecord, service: CatalogueService, view: 'dyno' | 'host'): Address {
  const {port, page} = service.manifest.local
  if (view === 'dyno') return {host: hostOf(addon), port, pagePort: page?.port ?? 0}
  return {host: '127.0.0.1', port: addon.hostPort ?? 0, pagePort: addon.pagePort ?? 0}
}

/** As `addressFor`, of the pool before it. */
export function poolAddressFor(addon: AddonRecord, service: CatalogueService, view: 'dyno' | 'host'): Address {
  const port = view === 'dyno' ? service.manifest.local.pooling?.port : poolHostPort(addon)
  return {...addressFor(addon, service, view), port: port ?? 0}
}

/** Port on 127.0.0.1 that leads to the pool of an add-on; undefined until one is wanted. */
export function poolHostPort({options}: Pick<AddonRecord, 'options'>): number | undefined {
  return options['pool_port'] === undefined ? undefined : Number(options['pool_port'])
}

/** Config vars of one attachment: its name takes the place of the manifest's prefix. */
export function configVarsFor(
  attachment: string,
  addon: AddonRecord,
  service: CatalogueService,
  plan: AddonPlan,
  address: Address,
): ConfigVars {
  const words = wordsFor(addon, plan, address)
  return Object.fromEntries(
    Object.entries(service.manifest.local.config_vars).map(([name, template]) => [
      renamed(name, attachment, service),
      filled(template, words),
    ]),
  )
}

export function configVarNames(attachment: string, service: CatalogueService): string[] {
  return Object.keys(service.manifest.local.config_vars).map(name => renamed(name, attachment, service))
}

/** The environment of the add-on's own container. */
export function environmentFor({addon, service, plan, leader}: KnownAddon): Record<string, string> {
  const pool = poolHostPort(addon) === undefined ? '' : String(service.manifest.local.pooling?.port ?? '')
  const followed = {leader: leader === undefined ? '' : hostOf(leader), pool}
  const words = {...wordsFor(addon, plan, addressFor(addon, service, 'dyno')), ...followed}
  return Object.fromEntries(Object.entries(service.manifest.local.env).map(([name, template]) => [name, filled(template, words)]))
}

/** The names by which an app's dynos reach it. */
export function hostnamesFor({addon, service, plan}: KnownAddon): string[] {
  const words = wordsFor(addon, plan, addressFor(addon, service, 'dyno'))
  return [hostOf(addon), ...service.manifest.local.hostnames.map(template => filled(template, words))]
}

/** A template of the manifest with what is known of an add-on. */
export function filledFor(template: string, addon: AddonRecord, service: CatalogueService, plan: AddonPlan): string {
  return filled(template, wordsFor(addon, plan, addressFor(addon, service, 'host')))
}

/** A config var of the manifest as an attachment of that name has it. */
export function renamed(name: string, attachment: string, service: CatalogueService): string {
  return `${attachment}${name.slice(service.manifest.api.config_vars_prefix.length)}`
}

function wordsFor(addon: AddonRecord, plan: AddonPlan, address: Address): Record<string, string> {
  const {memory, connections, storage, rollback_days} = plan.limits
  const {tls_certificate = '', tls_key = ''} = addon.credentials
  // Leader and pool are for the server only.
  const own = {
    host_port: addon.hostPort ?? 0,
    name: hostOf(addon),
    id: addon.id,
    memory,
    connections,
    storage,
    rollback_days,
    leader: '',
    pool: '',
    tls_certificate,
    tls_key,
  }
  const {host, port, pagePort: page_port} = address
  const facts: Record<(typeof templateFacts)[number], string | number> = {host, port, page_port, ...own}
  return {...addon.credentials, ...Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, String(value)]))}
}

function filled(template: string, words: Record<string, string>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (whole, word: string) => words[word] ?? whole)
}
