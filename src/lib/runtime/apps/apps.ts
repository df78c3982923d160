import {randomUUID} from 'node:crypto'
import {notFound, PlatformError} from '../../schema/errors.js'
import type {Store} from '../store/store.js'
import {type TextRange, textRange} from '../store/text-range.js'
import type {Clock} from '../support/clock.js'
import {randomAppName} from '../support/words.js'
import type {AppRecord} from './app-record.js'

export const defaultStack = 'heroku-24'
export const stackNames = ['cnb', 'container', 'heroku-22', 'heroku-24', 'heroku-26'] as const

interface AppRow {
  id: string
  name: string
  stack: string
  build_stack: string
  region: string
  maintenance: number
  acm: number
  buildpacks: string
  detected_buildpack: string | null
  features: string
  current_release: string | null
  current_slug: string | null
  repo_size: number | null
  created_at: string
  updated_at: string
  released_at: string | null
}

/** What may change about an app by itself, without a release. */
export type AppChanges = Partial<
  Pick<AppRecord, 'name' | 'maintenance' | 'acm' | 'buildStack' | 'stack' | 'buildpacks' | 'detectedBuildpack' | 'features' | 'repoSize'>
>

export class Apps {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  /** Makes an app. Throws invalid_params when the name is not allowed or taken, or the stack unknown. */
  create(options: {name?: string; stack?: string; region?: string}): AppRecord {
    const name = options.name ?? this.freeName()
    this.checkName(name)
    const stack = options.stack ?? defaultStack
    checkStack(stack)
    const id = randomUUID()
    const now = this.clock.now().toISOString()
    this.store.run(
      'INSERT INTO apps (id, name, stack, build_stack, region, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[id, name, stack, stack, options.region ?? 'local', now, now],
    )
    return this.find(id) as AppRecord
  }

  /** By name or id. */
  find(nameOrId: string): AppRecord | undefined {
    const row = this.store.get<AppRow>('SELECT * FROM apps WHERE name = ? OR id = ?', nameOrId, nameOrId)
    return row === undefined ? undefined : fromRow(row)
  }

  /** By name or id; throws not_found. */
  resolve(nameOrId: string): AppRecord {
    const app = this.find(nameOrId)
    if (app === undefined) throw notFound('app')
    return app
  }

  /** All, by name. */
  list(): AppRecord[] {
    return this.store.all<AppRow>('SELECT * FROM apps ORDER BY name').map(fromRow)
  }

  /** Part of them, by name, and one more when the list goes on. */
  page(range: TextRange): AppRecord[] {
    const {sql, values} = textRange('name', range)
    return this.store.all<AppRow>(`SELECT * FROM apps WHERE true${sql}`, ...values).map(fromRow)
  }

  ids(): string[] {
    return this.store.all<{id: string}>('SELECT id FROM apps').map(row => row.id)
  }

  update(id: string, changes: AppChanges): AppRecord {
    const app = this.resolve(id)
    if (changes.name !== undefined && changes.name !== app.name) this.checkName(changes.name)
    if (changes.buildStack !== undefined) checkStack(changes.buildStack)
    const next = {...app, ...changes}
    this.store.run(
      `UPDATE apps SET name = ?, maintenance = ?, acm = ?, stack = ?, build_stack = ?, buildpacks = ?, detected_buildpack = ?, features = ?,
       repo_size = ?, updated_at = ? WHERE id = ?`,
      ...[next.name, next.maintenance ? 1 : 0, next.acm ? 1 : 0, next.stack, next.buildStack, JSON.stringify(next.buildpacks)],
      ...[next.detectedBuildpack ?? null, JSON.stringify(next.features), next.repoSize ?? null, this.clock.now().toISOString(), app.id],
    )
    return this.resolve(app.id)
  }

  remove(id: string): void {
    this.store.run('DELETE FROM apps WHERE id = ?', id)
  }

  private freeName(): string {
    for (;;) {
      const name = randomAppName()
      if (this.find(name) === undefined) return name
    }
  }

  private checkName(name: string): void {
    if (!/^[a-z][a-z0-9-]{1,28}[a-z0-9]$/.test(name))
      throw new PlatformError(
        'invalid_params',
        `Name ${name} is not valid: it must start with a letter, end with a letter or digit, be 3 to 30 characters long and can only contain lowercase letters, digits, and dashes.`,
      )
    if (this.find(name) !== undefined) throw new PlatformError('invalid_params', `Name ${name} is already taken`)
  }
}

function checkStack(stack: string): void {
  if (!(stackNames as readonly string[]).includes(stack))
    throw new PlatformError('invalid_params', `Couldn't find stack ${stack}. Available stacks: ${stackNames.join(', ')}.`)
}

function fromRow(row: AppRow): AppRecord {
  return {
    id: row.id,
    name: row.name,
    stack: row.stack,
    buildStack: row.build_stack,
    region: row.region,
    maintenance: row.maintenance === 1,
    acm: row.acm === 1,
    buildpacks: JSON.parse(row.buildpacks),
    detectedBuildpack: row.detected_buildpack ?? undefined,
    features: JSON.parse(row.features),
    currentRelease: row.current_release ?? undefined,
    currentSlug: row.current_slug ?? undefined,
    repoSize: row.repo_size ?? undefined,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
    releasedAt: row.released_at === null ? undefined : new Date(row.released_at),
  }
}
