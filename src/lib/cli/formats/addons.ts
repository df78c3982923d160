import type {FullAddOn, FullAttachment} from '../../client/addons.js'
import type {AddOnState} from '../../schema/resources.js'
import type {Palette} from '../palette.js'
import {hourlyPrice, monthlyPrice} from './price.js'
import type {Columns} from './table.js'

/** Heroku's words for the states. */
export function stateWord(state: AddOnState): string {
  return {provisioning: 'creating', provisioned: 'created', deprovisioning: 'destroying', deprovisioned: 'errored'}[state]
}

/** A row of `addons`: an add-on, or one of its attachments below it. */
export interface AddonRow {
  addon?: FullAddOn
  title: string
}

/** Each add-on of an app, and under it where it is attached. */
export function addonRows(addons: FullAddOn[], attachments: FullAttachment[], app: string, palette: Palette): AddonRow[] {
  return addons.flatMap(addon => {
    const own = attachments.filter(one => one.addon.id === addon.id)
    const lines = attachmentLines(own, app, palette).map(title => ({title}))
    return [{addon, title: `${addon.addon_service.name} (${palette.name(addon.name)})`}, ...lines]
  })
}

/** Where one add-on is attached, as lines below its name; those of this app first. */
export function attachmentLines(attachments: FullAttachment[], app: string, palette: Palette): string[] {
  return attachments.toSorted(homeFirst(app)).map((one, at) => {
    const branch = at === attachments.length - 1 ? '└─' : '├─'
    const where = one.app.name === app ? '' : ` on ${palette.app(one.app.name)} app`
    return `${branch} as ${palette.name(one.name)}${where}`
  })
}

export function addonColumns(app: string, palette: Palette): Columns<AddonRow> {
  const cell = (read: (addon: FullAddOn) => string) => (row: AddonRow) => (row.addon === undefined ? '' : read(row.addon))
  const foreign = (addon: FullAddOn): boolean => addon.app.name !== app
  return {
    'Add-on': row => row.title,
    Plan: cell(addon => shortPlan(addon)),
    Price: cell(addon => (foreign(addon) ? `(billed to ${palette.app(addon.app.name)} app)` : hourlyPrice(addon.plan.price))),
    'Max Price': cell(addon => (foreign(addon) ? '' : monthlyPrice(addon.plan.price))),
    State: cell(addon => stateWord(addon.state)),
  }
}

/** Those of this app first, then by app and name. */
function homeFirst(app: string): (a: FullAttachment, b: FullAttachment) => number {
  const key = (one: FullAttachment): string => `${one.app.name === app ? '' : one.app.name} ${one.name}`
  return (a, b) => (key(a) < key(b) ? -1 : 1)
}

/** `essential-0` of `heroku-postgresql:essential-0`. */
export function shortPlan(addon: FullAddOn): string {
  return addon.plan.name.split(':').at(-1) as string
}
