import type {App, Domain} from '../../../schema/resources.js'
import type {AppRecord} from '../../apps/app-record.js'
import {type DomainRecord, defaultHost} from '../../domains/domains.js'
import type {RouterAddress} from '../../router/router.js'
import type {SlugSummary} from '../../slugs/slugs.js'
import {isoSeconds} from '../../support/clock.js'
import type {Services} from '../services.js'
import {named, stableId} from './ids.js'

type AppServices = Pick<Services, 'account' | 'addresses' | 'slugs'>

/** `http://demo.localhost/`, with the router's port unless it is 80. */
export function webUrl(appName: string, router: RouterAddress | undefined): string {
  return `http://${defaultHost(appName)}${router === undefined || router.port === 80 ? '' : `:${router.port}`}/`
}

export function serializeApp(app: AppRecord, services: AppServices): App {
  return serializeApps([app], services)[0] as App
}

/** Many at once, which is much less work than one after the other. */
export function serializeApps(apps: AppRecord[], services: AppServices): App[] {
  const slugs = services.slugs.summaries(apps.flatMap(app => app.currentSlug ?? []))
  const known = new Map<string, {id: string; name: string}>()
  const reference: typeof named = (kind, name) => {
    const key = `${kind} ${name}`
    const found = known.get(key) ?? named(kind, name)
    known.set(key, found)
    return found
  }
  return apps.map(app => appResource(app, slugs.get(app.currentSlug ?? ''), services, reference))
}

function appResource(app: AppRecord, slug: SlugSummary | undefined, services: AppServices, reference: typeof named): App {
  return {
    acm: false,
    archived_at: null,
    base_image_name: null,
    build_stack: reference('stack', app.buildStack),
    buildpack_provided_description: slug?.buildpackDescription ?? null,
    buildpacks: app.buildpacks.map(url => ({url})),
    created_at: isoSeconds(app.createdAt),
    current_build_architecture: [],
    generation: 'cedar',
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
    web_url: webUrl(app.name, services.addresses.router()),
  }
}

export function serializeDefaultDomain(app: AppRecord): Domain {
  const domain = {id: stableId('domain', app.id), appId: app.id, hostname: defaultHost(app.name), createdAt: app.createdAt}
  return {...serializeDomain(domain, app), kind: 'heroku', cname: null}
}

export function serializeDomain(domain: DomainRecord, app: AppRecord): Domain {
  return {
    acm_status: null,
    acm_status_reason: null,
    app: {id: app.id, name: app.name},
    cname: defaultHost(app.name),
    created_at: isoSeconds(domain.createdAt),
    hostname: domain.hostname,
    id: domain.id,
    kind: 'custom',
    updated_at: isoSeconds(domain.createdAt),
    // Nothing is left to be waited for: the router knows it.
    status: 'none',
    sni_endpoint: null,
  }
}
