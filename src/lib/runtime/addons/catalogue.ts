import {createHash} from 'node:crypto'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
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
  /** The text of a service's manifest, for those that extend it. */
  manifestText(service: string): string | undefined
  /** Reads the installed folders again; those of the package stay as they are. */
  reload(): void
}

/** A second place of services; one of them that cannot be read must not keep the others away. */
export interface InstalledFolders {
  directory: string
  onFault: (error: Error) => void
}

/** Reads every folder of the catalogue directory (`own`: what it has, when that was read before). Throws as `ownServices` does. */
export function loadCatalogue(directory: string, installed?: InstalledFolders, own = ownServices(directory)): Catalogue {
  const manifests = manifestsIn([directory, ...(installed === undefined ? [] : [installed.directory])])
  const all = (): CatalogueService[] => {
    const more = foldersIn(installed?.directory).flatMap(folder => {
      try {
        return [readService(folder, manifests)]
      } catch (error) {
        installed?.onFault(error as Error)
        return []
      }
    })
    return [...own, ...more].sort((a, b) => a.manifest.id.localeCompare(b.manifest.id))
  }
  let services = all()
  return {
    ...lookups(() => services),
    manifestText: manifests.manifestText,
    reload() {
      services = all()
    },
  }
}

/** The services of the package itself. Throws an Error that names all faults of a manifest. */
export function ownServices(directory: string): CatalogueService[] {
  const manifests = manifestsIn([directory])
  return foldersIn(directory).map(folder => readService(folder, manifests))
}

interface Manifests {
  manifestText: Catalogue['manifestText']
  /** Of a service that is there. */
  folderOf: (service: string) => string
}

function manifestsIn(places: string[]): Manifests {
  const file = (service: string): string | undefined =>
    places.map(place => join(place, service, 'addon-manifest.json')).find(path => existsSync(path))
  return {
    manifestText(service) {
      const found = file(service)
      return found === undefined ? undefined : readFileSync(found, 'utf8')
    },
    folderOf: service => dirname(file(service) as string),
  }
}

function lookups(all: () => CatalogueService[]): Pick<Catalogue, 'services' | 'service' | 'plan'> {
  const service = (identity: string): CatalogueService => {
    const found = all().find(
      ({manifest}) => manifest.id === identity || manifest.local.aliases.includes(identity) || serviceId(manifest.id) === identity,
    )
    if (found !== undefined) return found
    const names = all()
      .map(one => one.manifest.id)
      .join(', ')
    throw new PlatformError('not_found', `Couldn't find the ${identity} add-on service. Available services: ${names}.`)
  }
  return {
    services: all,
    service,
    plan: identity => {
      const [name, ...rest] = (planNameOfId(all(), identity) ?? identity).split(':') as [string, ...string[]]
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

function foldersIn(directory: string | undefined): string[] {
  if (directory === undefined || !existsSync(directory)) return []
  return readdirSync(directory, {withFileTypes: true})
    .filter(({name}) => !name.startsWith('.') && existsSync(join(directory, name, 'addon-manifest.json')))
    .map(({name}) => join(directory, name))
}

function readService(folder: string, {manifestText, folderOf}: Manifests): CatalogueService {
  const file = join(folder, 'addon-manifest.json')
  const manifest = parseAddonManifest(readFileSync(file, 'utf8'), file, manifestText)
  const server = manifest.local.extends
  return {manifest, image: {service: server ?? manifest.id, folder: server === undefined ? folder : folderOf(server)}}
}

function nameId(name: string): string {
  const hex = createHash('sha256').update(`hokku ${name}`).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}
