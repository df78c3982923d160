import {expect, test} from 'vitest'
import type {AddonRecord, AttachmentRecord} from '../../../../src/lib/runtime/addons/addons.js'
import {loadCatalogue} from '../../../../src/lib/runtime/addons/catalogue.js'
import {type ResolveScope, resolveAddons, resolveAttachments} from '../../../../src/lib/runtime/addons/resolve.js'
import {catalogueDirectory} from '../../../support/addon-world.js'

const at = new Date(0)

function addon(id: string, service: string, appId: string, plan = 'mini'): AddonRecord {
  const rest = {state: 'provisioned', options: {}, credentials: {}, hostPort: 1, createdAt: at, updatedAt: at} as const
  return {id, name: `${id}-name`, service, plan, appId, ...rest}
}

function attachment(addonId: string, appId: string, name: string): AttachmentRecord {
  return {id: `${addonId}-${appId}-${name}`, addonId, appId, name, namespace: undefined, createdAt: at, updatedAt: at}
}

const scope: ResolveScope = {
  addons: [
    addon('pg1', 'heroku-postgresql', 'demo'),
    addon('pg2', 'heroku-postgresql', 'demo', 'standard-0'),
    addon('red', 'heroku-redis', 'other'),
  ],
  attachments: [
    attachment('pg1', 'demo', 'DATABASE'),
    attachment('pg1', 'demo', 'MAIN'),
    attachment('pg2', 'demo', 'HEROKU_POSTGRESQL_RED'),
    attachment('red', 'demo', 'CACHE'),
    attachment('red', 'other', 'REDIS'),
  ],
  catalogue: loadCatalogue(catalogueDirectory),
  appId: name => name,
}

function addons(identity: string, app?: string, service?: string): string[] {
  return resolveAddons(identity, {...scope, ...(app && {app}), ...(service && {service})}).map(one => one.id)
}

function attachments(identity: string, app?: string, service?: string): string[] {
  return resolveAttachments(identity, {...scope, ...(app && {app}), ...(service && {service})}).map(one => one.name)
}

test('an add-on is found by id, name, attachment, config var, service and plan, the most exact first', () => {
  expect(addons('pg1')).toEqual(['pg1'])
  expect(addons('red-name', 'demo')).toEqual(['red'])
  expect(addons('DATABASE', 'demo')).toEqual(['pg1'])
  expect(addons('DATABASE_URL', 'demo')).toEqual(['pg1'])
  expect(addons('other::REDIS')).toEqual(['red'])
  expect(addons('heroku-redis', 'demo')).toEqual(['red'])
  expect(addons('heroku-postgresql:standard-0', 'demo')).toEqual(['pg2'])
  expect(addons('heroku-postgresql:hobby-dev', 'demo')).toEqual(['pg1'])
})

test('a name that several add-ons answer to gives all of them', () => {
  expect(addons('heroku-postgresql', 'demo')).toEqual(['pg1', 'pg2'])
})

test('an attachment means nothing without its app', () => {
  expect(() => addons('DATABASE')).toThrow("Couldn't find that add-on.")
  expect(() => addons('DATABASE', 'other')).toThrow("Couldn't find that add-on.")
})

test('attachments are found by name, config var, and the name of their add-on', () => {
  expect(attachments('DATABASE_URL', 'demo')).toEqual(['DATABASE'])
  expect(attachments('demo::CACHE')).toEqual(['CACHE'])
  expect(attachments('pg1-name', 'demo')).toEqual(['DATABASE', 'MAIN'])
  expect(attachments('pg2-demo-HEROKU_POSTGRESQL_RED')).toEqual(['HEROKU_POSTGRESQL_RED'])
})

test('a service narrows the choice', () => {
  expect(() => attachments('CACHE', 'demo', 'heroku-postgresql')).toThrow("Couldn't find that add-on attachment.")
  expect(attachments('CACHE_URL', 'demo', 'heroku-redis')).toEqual(['CACHE'])
})
