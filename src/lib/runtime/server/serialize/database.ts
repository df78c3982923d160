import type {AddonRecord} from '../../addons/addons.js'
import {findPlan} from '../../addons/catalogue.js'
import {addressFor} from '../../addons/templates.js'
import type {AddonServices} from './addon.js'

/** A line of `pg:info` or `redis:info`. */
export interface InfoRow {
  name: string
  values: string[]
}

/** The order in which Heroku shows them; others follow. */
const order = ['Plan', 'Status', 'Connections', 'PG Version', 'Created', 'Version', 'Data Size', 'Tables']

export function infoRows(addon: AddonRecord, facts: [name: string, value: string][], {addons}: AddonServices): InfoRow[] {
  const {manifest} = addons.catalogue.service(addon.service)
  const nameOf = (id: string): string => addons.list().find(one => one.id === id)?.name ?? 'a database that is gone'
  const available = addon.state === 'provisioned' ? 'Available' : 'Preparing'
  const rows: [string, string][] = [
    ['Plan', findPlan(manifest, addon.plan).human_name],
    ['Status', available],
    ['Created', createdText(addon.createdAt)],
    ...facts,
    ...(manifest.local.data_api === 'postgres' ? postgresFacts : []),
    ...(addon.options['fork'] === undefined ? [] : [['Forked From', nameOf(addon.options['fork'])] as [string, string]]),
  ]
  const place = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length)
  return rows.toSorted(([a], [b]) => place(a) - place(b)).map(([name, value]) => ({name, values: [value]}))
}

const postgresFacts: [string, string][] = [
  ['Fork/Follow', 'Forks available'],
  ['Rollback', 'Unsupported'],
  ['Continuous Protection', 'Off'],
]

/** `2026-11-22 11:01 UTC`. */
function createdText(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** The default credential of a database, as programs on the host use it. */
export function credential(addon: AddonRecord, {addons}: AddonServices): Record<string, unknown> {
  const {host, port} = addressFor(addon, addons.catalogue.service(addon.service), 'host')
  const {user, password, database} = addon.credentials
  return {
    uuid: addon.id,
    name: 'default',
    state: 'active',
    database,
    host,
    port,
    credentials: [{user, password, state: 'active'}],
  }
}

/** What `pg:wait` and `redis:wait` ask for again and again. */
export function waitStatus(addon: AddonRecord): Record<string, unknown> {
  const messages = {
    provisioning: 'preparing',
    provisioned: 'available',
    deprovisioning: 'being destroyed',
    deprovisioned: 'could not be created',
  }
  return {
    'waiting?': addon.state === 'provisioning',
    'error?': addon.state === 'deprovisioned' || addon.state === 'deprovisioning',
    message: messages[addon.state],
  }
}
