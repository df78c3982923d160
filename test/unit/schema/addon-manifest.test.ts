import {expect, test} from 'vitest'
import {parseAddonManifest} from '../../../src/lib/schema/addon-manifest.js'

function manifest(change: (value: Manifest) => void = () => undefined): string {
  const value = structuredClone(good)
  change(value)
  return JSON.stringify(value)
}

type Manifest = typeof good

const good = {
  id: 'cache',
  name: 'Cache',
  api: {config_vars_prefix: 'CACHE', config_vars: ['CACHE_URL'], regions: ['us'], version: '3'},
  local: {
    human_name: 'Cache',
    description: 'A cache.',
    state: 'ga',
    name_prefix: 'cache',
    attachment: 'CACHE',
    alternate_prefix: 'OTHER_CACHE',
    port: 11_211,
    volume: '/data',
    credentials: {password: {digits: 32}},
    config_vars: {CACHE_URL: 'memcached://:{{password}}@{{host}}:{{port}}'} as Record<string, string>,
    plan_aliases: {tiny: 'mini'},
    commands: {health: ['true']},
    plans: [
      {
        name: 'mini',
        human_name: 'Mini',
        description: 'small',
        price: {cents: 0, unit: 'month'},
        default: true,
        limits: {memory: '1.5 GB', connections: 5, storage: '25 MB'},
      },
    ],
  },
}

function faults(change: (value: Manifest) => void): string[] {
  try {
    parseAddonManifest(manifest(change), 'm.json')
  } catch (error) {
    return (error as Error).message.split('\n')
  }
  return []
}

test('a manifest reads sizes as bytes and fills in what may be left out', () => {
  const {local} = parseAddonManifest(manifest(), 'm.json')
  expect(local.plans[0]?.limits).toEqual({memory: 1_610_612_736, connections: 5, storage: 26_214_400, rollback_days: 0})
  expect(local).toMatchObject({aliases: [], env: {}, capabilities: [], boot_seconds: 60, credentials: {password: {prefix: '', digits: 32}}})
})

test('a plan offers what its service has, and rollback for some days', () => {
  expect(faults(value => Object.assign(value.local.plans[0] as object, {offers: ['rollback', 'pooling']}))).toEqual([
    'm.json: local/plans/0/offers: rollback is not in local',
    'm.json: local/plans/0/offers: pooling is not in local',
    'm.json: local/plans/0: rollback is offered with rollback_days, and only then',
  ])
})

test('an unknown key is a fault with its path', () => {
  expect(faults(value => Object.assign(value.local.plans[0] as object, {prize: 3}))).toEqual([
    'm.json: local/plans/0: Unrecognized key: "prize"',
  ])
})

test('all faults are named at once', () => {
  const found = faults(value => {
    value.id = 'Not A Name'
    value.local.port = 70_000
    ;(value.local.plans[0] as {limits: {memory: string}}).limits.memory = 'lots'
  })
  expect(found.map(line => line.split(': ')[1])).toEqual(['id', 'local/plans/0/limits/memory', 'local/port'])
})

test('templates must fit the config vars and know their words', () => {
  expect(faults(value => Object.assign(value.local.config_vars, {CACHE_URL: '{{passwort}}'}))).toEqual([
    'm.json: local/config_vars/CACHE_URL: {{passwort}} is neither a credential nor one of host, port, host_port, name, id, connections, storage, memory',
  ])
  expect(faults(value => Object.assign(value.local.config_vars, {CACHE_PORT: '1'}))).toEqual([
    'm.json: local/config_vars: should have a template for each of api/config_vars and no other',
  ])
  expect(faults(value => Object.assign(value.api, {config_vars_prefix: 'STORE'}))[0]).toContain('CACHE_URL should begin with STORE_')
})

test('there is exactly one default plan, and aliases lead to plans', () => {
  expect(faults(value => Object.assign(value.local.plans[0] as object, {default: false}))).toEqual([
    'm.json: local/plans: should have exactly one default plan',
  ])
  expect(faults(value => Object.assign(value.local.plan_aliases, {tiny: 'huge'}))).toEqual([
    'm.json: local/plan_aliases/tiny: there is no plan huge',
  ])
})

/** A manifest that says its names and what it changes, and takes the rest from `cache`. */
function extending(change: object = {}): string {
  const {human_name, description, state, name_prefix} = good.local
  const local = {extends: 'cache', human_name, description, state, name_prefix, attachment: 'STORE', alternate_prefix: 'STORE'}
  return JSON.stringify({
    id: 'store',
    name: 'Store',
    api: {config_vars_prefix: 'STORE', config_vars: ['STORE_URL'], regions: ['us'], version: '3'},
    local: {...local, config_vars: {STORE_URL: 'memcached://:{{password}}@{{host}}:{{port}}'}, ...change},
  })
}

const catalogue =
  (base = manifest()) =>
  (service: string) =>
    service === 'cache' ? base : undefined

test('a service that extends another has its server, and its own names', () => {
  const {id, local} = parseAddonManifest(
    extending({aliases: ['shop']}),
    'm.json',
    catalogue(manifest(value => Object.assign(value.local, {aliases: ['kash']}))),
  )
  expect({id, port: local.port, plans: local.plans.map(plan => plan.name), aliases: local.aliases}).toEqual({
    id: 'store',
    port: 11_211,
    plans: ['mini'],
    aliases: ['shop'],
  })
  expect(local.plan_aliases).toEqual({tiny: 'mini'})
})

test('what is said of the server once counts for all its names', () => {
  const said = {tls: true, rotates: ['password'], page: {port: 8080}, clone: {command: ['copy'], root: 'data', keeps: ['password']}}
  const base = manifest(value => Object.assign(value.local, said))
  expect(parseAddonManifest(extending(), 'm.json', catalogue(base)).local).toMatchObject(said)
})

test('the port of a page is known where there is a page', () => {
  const named = (value: Manifest): void => void Object.assign(value.local, {env: {PAGE: '{{page_port}}'}})
  expect(faults(named)).toEqual([expect.stringMatching(/local\/env\/PAGE: \{\{page_port\}\} is neither .* host, port, host_port, name/)])
  const both = manifest(value => {
    named(value)
    Object.assign(value.local, {page: {port: 8080}})
  })
  expect(parseAddonManifest(both, 'm.json').local.env).toEqual({PAGE: '{{page_port}}'})
})

test('plans of its own come without the aliases of the others', () => {
  const plans = [{...good.local.plans[0], name: 'only'}]
  expect(parseAddonManifest(extending({plans}), 'm.json', catalogue()).local).toMatchObject({plans: [{name: 'only'}], plan_aliases: {}})
})

test('what is extended must be there, and extend nothing itself', () => {
  expect(() => parseAddonManifest(extending({extends: 'cachet'}), 'm.json', catalogue())).toThrow(
    'm.json: local/extends: there is no service cachet',
  )
  const chained = manifest(value => Object.assign(value.local, {extends: 'other'}))
  expect(() => parseAddonManifest(extending(), 'm.json', catalogue(chained))).toThrow(
    'm.json: local/extends: cache extends a service itself: name that one',
  )
})

test('a service that the runtime serves needs no container, any other does', () => {
  const bare = (value: Manifest): void => {
    for (const key of ['port', 'volume', 'commands', 'credentials'] as const) delete (value.local as Partial<Manifest['local']>)[key]
    value.local.config_vars = {}
    value.api.config_vars = []
  }
  expect(faults(bare)).toEqual([
    'm.json: local/port: is needed by a server in a container',
    'm.json: local/volume: is needed by a server in a container',
    'm.json: local/commands: is needed by a server in a container',
  ])
  expect(
    faults(value => {
      bare(value)
      Object.assign(value.local, {server: 'runtime'})
    }),
  ).toEqual([])
})
