import {createHash} from 'node:crypto'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {type AddonManifest, type AddonPlan, parseAddonManifest} from '../../schema/addon-manifest.js'
import {PlatformError} from '../../schema/errors.js'

/** A service of the catalogue, and what its server is built from. */
export interface CatalogueService {
  manifest: AddonManifest
  /** Its own folder, or that of the service it extends: both run the same image, named after that service. */
  image: {service: string; folder: string}
}

export interface Catalogue {
  services(): CatalogueService[]
  /** By name, alias or id. Throws not_found with the services there are. */
  service(identity: string): CatalogueService
  /** `service` or `service:plan`, aliases included. Throws not_found with the names there are. */
  plan(identity: string): {service: CatalogueService; plan: AddonPlan}
}

/** Reads every folder of the catalogue directory. Throws an Error that names all faults of a manifest. */
export function loadCatalogue(directory: string): Catalogue {
  const services = readdirSync(directory, {withFileTypes: true})
    .filter(entry => entry.isDirectory() && existsSync(join(directory, entry.name, 'addon-manifest.json')))
    .map(entry => readService(directory, entry.name))
    .sort((a, b) => a.manifest.id.localeCompare(b.manifest.id))
  return catalogueOf(services)
}

export function catalogueOf(services: CatalogueService[]): Catalogue {
  const service = (identity: string): CatalogueService => {
    const found = services.find(
      ({manifest}) => manifest.id === identity || manifest.local.aliases.includes(identity) || serviceId(manifest.id) === identity,
    )
    if (found !== undefined) return found
    const names = services.map(one => one.manifest.id).join(', ')
    throw new PlatformError('not_found', `Couldn't find the ${identity} add-on service. Available services: ${names}.`)
  }
  return {
    services: () => services,
    service,
    plan: identity => {
      const [name, ...rest] = (planNameOfId(services, identity) ?? identity).split(':') as [string, ...string[]]
      const found = service(name)
      return {service: found, plan: findPlan(found.manifest, rest.join(':') || undefined)}
    },
  }
}

/** Heroku's ids are stable for a service or a plan; ours are made from the name. */
export function serviceId(name: string): string {
  return nameId(`service ${name}`)
}

export function planId(service: string, plan: string): string {
  return nameId(`plan ${service}:${plan}`)
}

/** Undefined asks for the default plan. */
export function findPlan(manifest: AddonManifest, name: string | undefined): AddonPlan {
  const {plans, plan_aliases: aliases} = manifest.local
  const wanted = name === undefined ? undefined : (aliases[name] ?? name)
  const found = plans.find(plan => (wanted === undefined ? plan.default : plan.name === wanted))
  if (found !== undefined) return found
  const names = plans.map(plan => plan.name).join(', ')
  throw new PlatformError('not_found', `Couldn't find the plan ${manifest.id}:${name}. Available plans: ${names}.`)
}

function planNameOfId(services: CatalogueService[], identity: string): string | undefined {
  for (const {manifest} of services)
    for (const plan of manifest.local.plans) if (planId(manifest.id, plan.name) === identity) return `${manifest.id}:${plan.name}`
  return undefined
}

function readService(directory: string, name: string): CatalogueService {
  const file = (service: string): string => join(directory, service, 'addon-manifest.json')
  const extended = (service: string): string | undefined => (existsSync(file(service)) ? readFileSync(file(service), 'utf8') : undefined)
  const manifest = parseAddonManifest(readFileSync(file(name), 'utf8'), file(name), extended)
  const server = manifest.local.extends
  return {manifest, image: {service: server ?? manifest.id, folder: join(directory, server ?? name)}}
}

function nameId(name: string): string {
  const hex = createHash('sha256').update(`hokku ${name}`).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}
