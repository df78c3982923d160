import type {AddOn, App, ConfigVars, Domain, Formation, Release} from '../../src/lib/schema/resources.js'
import type {Clients, Who} from './clients.js'

/** What the API tells about an app, without what is its own: name, ids, times, the names and secrets of its add-ons. */
export async function stateOf(clients: Clients, who: Who): Promise<unknown> {
  const name = clients.apps[who]
  const get = <T>(path: string): Promise<T> => clients.api<T>(`/apps/${name}${path}`)
  const app = await get<App>('')
  const features = await get<{name: string; enabled: boolean}[]>('/features')
  const installations = await get<{buildpack: {url: string}}[]>('/buildpack-installations')
  const formation = await get<Formation[]>('/formation')
  const addons = await get<AddOn[]>('/addons')
  const attachments = await get<{name: string}[]>('/addon-attachments')
  const state = {
    app: {maintenance: app.maintenance, region: app.region.name, stack: app.stack.name, build_stack: app.build_stack.name},
    config: masked(await get<ConfigVars>('/config-vars')),
    features: features.filter(feature => feature.enabled).map(feature => feature.name),
    buildpacks: installations.map(one => one.buildpack.url),
    domains: (await get<Domain[]>('/domains')).map(one => [one.hostname, one.kind]).sort(),
    formation: formation.map(({type, quantity, size, command}) => ({type, quantity, size, command})),
    addons: addons.map(one => ({plan: one.plan.name, state: one.state, config: one.config_vars})).sort(byContent),
    attachments: attachments.map(one => one.name).sort(),
    releases: (await get<Release[]>('/releases')).map(one => [one.version, one.status, one.description, one.current]),
  }
  return JSON.parse(
    JSON.stringify(state)
      .replaceAll(name, 'APP')
      .replace(/\b(postgresql|redis)-[a-z]+-\d{5}\b/g, '$1-name-12345')
      .replace(/Deploy [0-9a-f]{8}/g, 'Deploy COMMIT'),
  )
}

function masked(config: ConfigVars): ConfigVars {
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [name, value.replace(/^(postgres|redis):\/\/.*/, '$1://…')]))
}

function byContent(one: unknown, other: unknown): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1
}
