import type {App, Domain} from '../../../schema/resources.js'
import type {AppRecord} from '../../apps/app-record.js'
import type {SniEndpointRecord} from '../../certificates/sni-endpoints.js'
import {type DomainRecord, defaultHost} from '../../domains/domains.js'
import type {RouterAddress} from '../../router/router.js'
import type {SlugSummary} from '../../slugs/slugs.js'
import {isoSeconds} from '../../support/clock.js'
import type {Services} from '../services.js'
import type {Variant} from '../variant.js'
import {named, stableId} from './ids.js'

type AppServices = Pick<Services, 'account' | 'addresses' | 'slugs'>

/** `http://demo.localhost/`, or with https if the app wants no other; with the router's port unless it is the usual one. */
export function webUrl({name, features}: Pick<AppRecord, 'name' | 'features'>, router: RouterAddress | undefined): string {
  const secure = features['force-https'] === true
  const [scheme, port, usual] = secure ? ['https', router?.tlsPort, 443] : ['http', router?.port, 80]
  return `${scheme}://${defaultHost(name)}${port === undefined || port === usual ? '' : `:${port}`}/`
}

export function serializeApp(app: AppRecord, services: AppServices, variant: Variant): App {
  return serializeApps([app], services, variant)[0] as App
}

/** Many at once, which is much less work than one after the other. */
export function serializeApps(apps: AppRecord[], services: AppServices, variant: Variant): App[] {
  const slugs = services.slugs.summaries(apps.flatMap(app => app.currentSlug ?? []))
  const known = new Map<string, {id: string; name: string}>()
  const reference: Named = (kind, name) => {
    const key = `${kind} ${name}`
    const found = known.get(key) ?? named(kind, name)
    known.set(key, found)
    return found
  }
  // Heroku's API says it in two ways: heroku-go cannot read the published one.
  const generation = variant === 'sdk' ? 'cedar' : reference('generation', 'cedar')
  return apps.map(app => ({...appResource(app, slugs.get(app.currentSlug ?? ''), services, reference), generation}))
}

type Named = typeof named

function appResource(app: AppRecord, slug: SlugSummary | undefined, services: AppServices, reference: Named): Omit<App, 'generation'> {
  return {
    acm: app.acm,
    archived_at: null,
    base_image_name: null,
    build_stack: reference('stack', app.buildStack),
    buildpack_provided_description: slug?.buildpackDescription ?? null,
    buildpacks: app.buildpacks.map(url => ({url})),
    created_at: isoSeconds(app.createdAt),
    current_build_architecture: [],
    git_url: `${services.addresses.api()}/${app.name}.git`,
    id: app.id,
    internal_routing: null,
    maintenance: app.maintenance,
    name: app.name,
    owner: services.account,
    organization: null,
    team: null,
    region: reference('region', app.region),
    released_at: app.releasedAt === undefined ? null : isoSeconds(app.releasedAt),
    repo_size: app.repoSize ?? null,
    slug_size: slug?.size ?? null,
    space: null,
    stack: reference('stack', app.stack),
    updated_at: isoSeconds(app.updatedAt),
    web_url: webUrl(app, services.addresses.router()),
  }
}

export function serializeDefaultDomain(app: AppRecord): Domain {
  const unmanaged = {sniEndpointId: undefined, acmStatus: undefined, acmReason: undefined, acmFailures: 0, acmDueAt: undefined}
  const times = {createdAt: app.createdAt, updatedAt: app.createdAt}
  const domain = {id: stableId('domain', app.id), appId: app.id, hostname: defaultHost(app.name), ...unmanaged, ...times}
  return {...serializeDomain(domain, app, []), kind: 'heroku', cname: null}
}

/** `endpoints`: those of the app. */
export function serializeDomain(domain: DomainRecord, app: AppRecord, endpoints: SniEndpointRecord[]): Domain {
  const endpoint = endpoints.find(one => one.id === domain.sniEndpointId)
  return {
    acm_status: domain.acmStatus ?? null,
    acm_status_reason: domain.acmReason ?? null,
    app: {id: app.id, name: app.name},
    cname: defaultHost(app.name),
    created_at: isoSeconds(domain.createdAt),
    hostname: domain.hostname,
    id: domain.id,
    kind: 'custom',
    updated_at: isoSeconds(domain.updatedAt),
    // Nothing is left to be waited for: the router knows it.
    status: 'none',
    sni_endpoint: endpoint === undefined ? null : {id: endpoint.id, name: endpoint.name},
  }
}
