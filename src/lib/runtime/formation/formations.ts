import {randomUUID} from 'node:crypto'
import {defaultDynoSize, findDynoSize} from '../../schema/dyno-sizes.js'
import {PlatformError} from '../../schema/errors.js'
import type {ProcessTypes} from '../../schema/resources.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import {apiNotice, type LogSink} from '../support/log-sink.js'
import type {FormationRecord} from './formation-record.js'

/** One change as the API takes it: `quantity` is a number or `"3"`, `"+1"`, `"-1"`; `size` a dyno size in any case. */
export interface FormationUpdate {
  type: string
  quantity?: number | string
  size?: string
}

/** Most dynos of all types of an app together (heroku-platform.md 2). */
const appLimit = 100

interface FormationRow {
  id: string
  app_id: string
  type: string
  quantity: number
  size: string
  created_at: string
  updated_at: string
}

export class Formations {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly logs: LogSink,
  ) {}

  list(appId: string): FormationRecord[] {
    return this.store.all<FormationRow>('SELECT * FROM formation WHERE app_id = ? ORDER BY type', appId).map(fromRow)
  }

  /** Apps that want at least one dyno. */
  wantingAppIds(): string[] {
    return this.store.all<{app_id: string}>('SELECT DISTINCT app_id FROM formation WHERE quantity > 0').map(row => row.app_id)
  }

  /** Apps that want web dynos of size eco: those that may sleep. */
  sleepyAppIds(): string[] {
    const rows = this.store.all<{app_id: string}>("SELECT app_id FROM formation WHERE type = 'web' AND quantity > 0 AND size = 'Eco'")
    return rows.map(row => row.app_id)
  }

  /**
   * Follows the process types of a new slug: the first deploy starts one web dyno, later new types start at 0, and types
   * that are gone are dropped.
   */
  follow(appId: string, types: ProcessTypes, user: string): void {
    this.store.transaction(() => {
      const before = this.list(appId)
      const size = before.find(one => one.type === 'web')?.size ?? before[0]?.size ?? defaultDynoSize
      for (const gone of before.filter(one => !(one.type in types))) this.store.run('DELETE FROM formation WHERE id = ?', gone.id)
      for (const type of Object.keys(types).filter(name => !before.some(one => one.type === name)))
        this.insert(appId, type, before.length === 0 && type === 'web' ? 1 : 0, size)
      if (before.length === 0) this.notice(appId, user)
    })
  }

  /** Stores all changes or none. Throws not_found for an unknown type, invalid_params for a bad size or quantity. */
  scale(appId: string, updates: FormationUpdate[], user: string): FormationRecord[] {
    this.store.transaction(() => {
      for (const update of updates) this.apply(appId, update)
      const total = this.list(appId).reduce((sum, one) => sum + one.quantity, 0)
      if (total > appLimit)
        throw new PlatformError('invalid_params', `Cannot scale to ${total} dynos: an app can have at most ${appLimit}.`)
    })
    this.notice(appId, user)
    return this.list(appId)
  }

  private apply(appId: string, update: FormationUpdate): void {
    const now = this.list(appId).find(one => one.type === update.type)
    if (now === undefined) throw new PlatformError('not_found', `Couldn't find that process type (${update.type}).`)
    const size = update.size === undefined ? now.size : sizeNamed(update.size)
    const quantity = update.quantity === undefined ? now.quantity : quantityAfter(now.quantity, update)
    if (update.type === 'release' && quantity > 0)
      throw new PlatformError('invalid_params', 'The release process type runs in the release phase and cannot be scaled.')
    this.store.run(
      'UPDATE formation SET quantity = ?, size = ?, updated_at = ? WHERE id = ?',
      ...[quantity, size, this.clock.now().toISOString(), now.id],
    )
  }

  private insert(appId: string, type: string, quantity: number, size: string): void {
    const now = this.clock.now().toISOString()
    this.store.run(
      'INSERT INTO formation (id, app_id, type, quantity, size, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[randomUUID(), appId, type, quantity, size, now, now],
    )
  }

  private notice(appId: string, user: string): void {
    const all = this.list(appId).filter(one => one.type !== 'release')
    if (all.length === 0) return
    const words = all.map(one => `${one.type}@${one.quantity}:${one.size}`).join(' ')
    this.logs.append(appId, apiNotice(this.clock.now(), `Scaled to ${words} by user ${user}`))
  }
}

function sizeNamed(name: string): string {
  const size = findDynoSize(name)
  if (size === undefined)
    throw new PlatformError(
      'invalid_params',
      `No such dyno size as ${name}. Use eco, basic, standard-1x, standard-2x, performance-m or performance-l.`,
    )
  return size.name
}

function quantityAfter(now: number, update: FormationUpdate): number {
  const given = String(update.quantity)
  if (!/^[+-]?\d{1,6}$/.test(given))
    throw new PlatformError('invalid_params', `Quantity of ${update.type} must be a number, +N or -N, not ${given}.`)
  const relative = given.startsWith('+') || (given.startsWith('-') && typeof update.quantity === 'string')
  const after = relative ? now + Number(given) : Number(given)
  if (after < 0) throw new PlatformError('invalid_params', `Cannot scale ${update.type} to ${after}: quantity must be 0 or more.`)
  return after
}

function fromRow(row: FormationRow): FormationRecord {
  return {
    id: row.id,
    appId: row.app_id,
    type: row.type,
    quantity: row.quantity,
    size: row.size,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  }
}
