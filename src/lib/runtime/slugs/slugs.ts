import {randomUUID} from 'node:crypto'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {SlugRecord} from './slug-record.js'

interface SlugRow {
  id: string
  app_id: string
  image: string
  stack: string
  process_types: string
  commit_sha: string | null
  commit_description: string | null
  buildpack_description: string | null
  checksum: string | null
  size: number | null
  created_at: string
  container: string | null
  health_checks: string | null
  deleted_at: string | null
}

export type SlugSummary = Pick<SlugRecord, 'buildpackDescription' | 'size'>

/** Slugs made so far. */
export class Slugs {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  /** Its checksum is that of its image. */
  add(slug: Omit<SlugRecord, 'id' | 'createdAt' | 'pruned' | 'checksum'>): SlugRecord {
    const id = randomUUID()
    const checksum = `SHA256:${slug.image.replace(/^sha256:/, '')}`
    this.store.run(
      `INSERT INTO slugs (id, app_id, image, stack, process_types, commit_sha, commit_description, buildpack_description, checksum, size, created_at, container, health_checks)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, slug.appId, slug.image, slug.stack, JSON.stringify(slug.processTypes), slug.commit ?? null, slug.commitDescription ?? null],
      ...[slug.buildpackDescription ?? null, checksum, slug.size ?? null, this.clock.now().toISOString()],
      slug.container === undefined ? null : JSON.stringify(slug.container),
      slug.healthChecks === undefined ? null : JSON.stringify(slug.healthChecks),
    )
    return this.get(id) as SlugRecord
  }

  get(id: string): SlugRecord | undefined {
    const row = this.store.get<SlugRow>('SELECT * FROM slugs WHERE id = ?', id)
    return row === undefined ? undefined : fromRow(row)
  }

  /** What lists of apps tell of some slugs, by their ids. */
  summaries(ids: string[]): Map<string, SlugSummary> {
    const rows = this.store.all<{id: string; description: string | null; size: number | null}>(
      `SELECT slugs.id, buildpack_description AS description, size FROM json_each(?) AS wanted
       CROSS JOIN slugs ON slugs.id = wanted.value`,
      JSON.stringify(ids),
    )
    return new Map(rows.map(({id, description, size}) => [id, {buildpackDescription: description ?? undefined, size: size ?? undefined}]))
  }

  /** Those of an app that were not pruned, oldest first. */
  list(appId: string): SlugRecord[] {
    const sql = 'SELECT * FROM slugs WHERE app_id = ? AND deleted_at IS NULL ORDER BY created_at'
    return this.store.all<SlugRow>(sql, appId).map(fromRow)
  }

  /** Ids of the apps with more than one slug that was not pruned. */
  crowded(): string[] {
    const sql = 'SELECT app_id FROM slugs WHERE deleted_at IS NULL GROUP BY app_id HAVING count(*) > 1'
    return this.store.all<{app_id: string}>(sql).map(row => row.app_id)
  }

  /** Gives slugs up: their images may go. */
  prune(ids: string[]): void {
    const now = this.clock.now().toISOString()
    for (const id of ids) this.store.run('UPDATE slugs SET deleted_at = ? WHERE id = ?', now, id)
  }

  /** Whether a slug of the app that was not pruned is that image, or runs processes in it. */
  named(appId: string, image: string): boolean {
    const sql = 'SELECT id FROM slugs WHERE app_id = ? AND (image = ? OR instr(container, ?) > 0) AND deleted_at IS NULL LIMIT 1'
    return this.store.get(sql, appId, image, image) !== undefined
  }
}

function fromRow(row: SlugRow): SlugRecord {
  return {
    id: row.id,
    appId: row.app_id,
    image: row.image,
    stack: row.stack,
    processTypes: JSON.parse(row.process_types),
    commit: row.commit_sha ?? undefined,
    commitDescription: row.commit_description ?? undefined,
    buildpackDescription: row.buildpack_description ?? undefined,
    checksum: row.checksum ?? undefined,
    size: row.size ?? undefined,
    createdAt: new Date(row.created_at),
    container: row.container === null ? undefined : JSON.parse(row.container),
    healthChecks: row.health_checks === null ? undefined : JSON.parse(row.health_checks),
    pruned: row.deleted_at !== null,
  }
}
