import {PlatformError} from '../../schema/errors.js'
import type {ConfigChanges, ConfigVars as Vars} from '../../schema/resources.js'
import type {Store} from '../store/store.js'
import type {Seal} from '../support/seal.js'

/** All names and values of one app together, in bytes (heroku-platform.md 8). */
const sizeLimit = 64 * 1024

export class ConfigVars {
  constructor(
    private readonly store: Store,
    private readonly seal: Seal,
  ) {}

  /** The user's own, by name. */
  get(appId: string): Vars {
    const rows = this.store.all<{name: string; value_sealed: string}>(
      'SELECT name, value_sealed FROM config_vars WHERE app_id = ? ORDER BY name',
      appId,
    )
    return Object.fromEntries(rows.map(row => [row.name, this.seal.open(row.value_sealed)]))
  }

  /** Makes them exactly these (rollback). */
  replace(appId: string, vars: Vars): void {
    this.store.transaction(() => {
      this.store.run('DELETE FROM config_vars WHERE app_id = ?', appId)
      for (const [name, value] of Object.entries(vars)) this.put(appId, name, value)
    })
  }

  /**
   * Stores a change; null removes. Throws invalid_params for names or values a process environment cannot carry, and for
   * `owned` names, which belong to add-ons. Returns the description a release gets, undefined when nothing changed.
   */
  change(appId: string, changes: ConfigChanges, owned: ReadonlySet<string>): string | undefined {
    const before = this.get(appId)
    const after = checked(before, changes, owned)
    const set = Object.keys(changes).filter(name => changes[name] !== null && before[name] !== changes[name])
    const removed = Object.keys(changes).filter(name => changes[name] === null && Object.hasOwn(before, name))
    if (set.length + removed.length === 0) return undefined
    this.store.transaction(() => {
      for (const name of removed) this.store.run('DELETE FROM config_vars WHERE app_id = ? AND name = ?', appId, name)
      for (const name of set) this.put(appId, name, after[name] as string)
    })
    return describe(set, removed)
  }

  private put(appId: string, name: string, value: string): void {
    this.store.run(
      'INSERT INTO config_vars (app_id, name, value_sealed) VALUES (?, ?, ?) ON CONFLICT (app_id, name) DO UPDATE SET value_sealed = excluded.value_sealed',
      ...[appId, name, this.seal.seal(value)],
    )
  }
}

/** `Set A, B config vars`, `Remove C config vars`, or both in one sentence. */
function describe(set: string[], removed: string[]): string {
  const parts = [...(set.length > 0 ? [`Set ${set.join(', ')}`] : []), ...(removed.length > 0 ? [`Remove ${removed.join(', ')}`] : [])]
  return `${parts.join(', ')} config vars`
}

function checked(before: Vars, changes: ConfigChanges, owned: ReadonlySet<string>): Vars {
  const after = {...before}
  for (const [name, value] of Object.entries(changes)) {
    checkOne(name, value, owned)
    if (value === null) delete after[name]
    else after[name] = value
  }
  const size = Object.entries(after).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0)
  if (size > sizeLimit)
    throw new PlatformError('invalid_params', `Config vars must not exceed 64 KB in total, these would be ${Math.ceil(size / 1024)} KB.`)
  return after
}

function checkOne(name: string, value: unknown, owned: ReadonlySet<string>): void {
  // What JavaScript objects cannot hold under their own name would be lost without a word.
  if (name === '__proto__') throw new PlatformError('invalid_params', 'Config var name __proto__ is not available.')
  if (name === '' || /[=\0\s]/.test(name))
    throw new PlatformError(
      'invalid_params',
      `Config var name ${JSON.stringify(name)} is not valid: it must not be empty nor contain "=" or white space.`,
    )
  if (owned.has(name)) throw new PlatformError('invalid_params', `Cannot overwrite attachment values ${name}.`)
  if (value !== null && typeof value !== 'string') throw new PlatformError('invalid_params', `Config var ${name} must be a string or null.`)
  if (typeof value === 'string' && value.includes('\0'))
    throw new PlatformError('invalid_params', `Config var ${name} contains a NUL byte, which no process environment can carry.`)
}
