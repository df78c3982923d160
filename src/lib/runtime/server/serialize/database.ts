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
  const {fork, rollback, to = '', follow} = addon.options
  const followers = addons.followers(addon).map(one => one.name)
  // What the server says of itself counts more.
  const rows = new Map<string, string[]>([
    ['Plan', [findPlan(manifest, addon.plan).human_name]],
    ['Status', [available]],
    ['Created', [minuteText(addon.createdAt)]],
    ...facts.map(([name, value]): [string, string[]] => [name, [value]]),
    ['Forked From', fork === undefined ? [] : [nameOf(fork)]],
    ['Rolled Back From', rollback === undefined ? [] : [`${nameOf(rollback)}, as it was ${to}`]],
    ['Following', follow === undefined ? [] : [nameOf(follow)]],
    ['Followers', followers],
  ])
  const place = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length)
  const told = [...rows].filter(([, values]) => values.length > 0)
  return told.toSorted(([a], [b]) => place(a) - place(b)).map(([name, values]) => ({name, values}))
}

/** `2026-11-22 11:01 UTC`. */
function minuteText(at: Date): string {
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
