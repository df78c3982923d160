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
  expect(local.plans[0]?.limits).toEqual({memory: 1_610_612_736, connections: 5, storage: 26_214_400})
  expect(local).toMatchObject({aliases: [], env: {}, capabilities: [], boot_seconds: 60, credentials: {password: {prefix: '', digits: 32}}})
})

test('an unknown key is a fault with its path', () => {
  expect(faults(value => Object.assign(value.local.plans[0] as object, {prize: 3}))).toEqual([
    'm.json: local/plans/0: Unrecognized key: "prize"',
  ])
})

test('all faults are named at once', () => {
  const found = faults(value => {
    value.id = 'Not A Name'
    value.local.port = 0
    ;(value.local.plans[0] as {limits: {memory: string}}).limits.memory = 'lots'
  })
  expect(found.map(line => line.split(': ')[1])).toEqual(['id', 'local/plans/0/limits/memory', 'local/port'])
})

test('templates must fit the config vars and know their words', () => {
  expect(faults(value => Object.assign(value.local.config_vars, {CACHE_URL: '{{passwort}}'}))).toEqual([
    'm.json: local/config_vars/CACHE_URL: {{passwort}} is neither a credential nor one of host, port, name, connections, storage, memory',
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
