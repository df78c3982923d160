import {randomUUID} from 'node:crypto'
import type {BuildStatus} from '../../schema/resources.js'
import type {Store} from '../store/store.js'
import {type TextRange, textRange} from '../store/text-range.js'
import type {Clock} from '../support/clock.js'

export interface BuildRecord {
  id: string
  appId: string
  status: BuildStatus
  stack: string
  buildpacks: string[] | undefined
  sourceUrl: string
  sourceVersion: string | undefined
  sourceDescription: string | undefined
  sourceChecksum: string | undefined
  slugId: string | undefined
  releaseId: string | undefined
  userEmail: string
  createdAt: Date
  updatedAt: Date
}

interface BuildRow {
  id: string
  app_id: string
  status: string
  stack: string
  buildpacks: string | null
  source_url: string
  source_version: string | null
  source_description: string | null
  source_checksum: string | null
  slug_id: string | null
  release_id: string | null
  user_email: string
  created_at: string
  updated_at: string
}

export type NewBuild = Omit<BuildRecord, 'id' | 'status' | 'slugId' | 'releaseId' | 'createdAt' | 'updatedAt'>

/** Rows of the table `builds`. */
export class BuildTable {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  insert(build: NewBuild): BuildRecord {
    const id = randomUUID()
    const now = this.clock.now().toISOString()
    this.store.run(
      `INSERT INTO builds (id, app_id, status, stack, buildpacks, source_url, source_version, source_description, source_checksum,
       user_email, created_at, updated_at) VALUES (?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, build.appId, build.stack, build.buildpacks === undefined ? null : JSON.stringify(build.buildpacks), build.sourceUrl],
      ...[build.sourceVersion ?? null, build.sourceDescription ?? null, build.sourceChecksum ?? null, build.userEmail, now, now],
    )
    return this.get(id) as BuildRecord
  }

  get(id: string): BuildRecord | undefined {
    const row = this.store.get<BuildRow>('SELECT * FROM builds WHERE id = ?', id)
    return row === undefined ? undefined : fromRow(row)
  }

  /** Newest last. */
  list(appId: string): BuildRecord[] {
    return this.store.all<BuildRow>('SELECT * FROM builds WHERE app_id = ? ORDER BY created_at', appId).map(fromRow)
  }

  /** Part of them, by the moment they began (ISO 8601 with ms), and one more when the list goes on. */
  page(appId: string, range: TextRange): BuildRecord[] {
    const {sql, values} = textRange('created_at', range)
    return this.store.all<BuildRow>(`SELECT * FROM builds WHERE app_id = ?${sql}`, appId, ...values).map(fromRow)
  }

  /** Builds that are older than the newest so many, a few at a time: one that ends makes room for itself. */
  olderThan(appId: string, newest: number): string[] {
    const sql = 'SELECT id FROM builds WHERE app_id = ? ORDER BY created_at DESC LIMIT 10 OFFSET ?'
    return this.store.all<{id: string}>(sql, appId, newest).map(row => row.id)
  }

  /** Whether that commit was built with success before. */
  wasBuilt(appId: string, version: string): boolean {
    const sql = `SELECT id FROM builds WHERE app_id = ? AND source_version = ? AND status = 'succeeded' LIMIT 1`
    return this.store.get(sql, appId, version) !== undefined
  }

  /** Slugs of builds that made images for a release to come, newest first. */
  pushedSlugs(appId: string): string[] {
    const sql = `SELECT slug_id FROM builds WHERE app_id = ? AND status = 'succeeded' AND slug_id IS NOT NULL AND release_id IS NULL
      ORDER BY created_at DESC LIMIT 100`
    return this.store.all<{slug_id: string}>(sql, appId).map(row => row.slug_id)
  }

  finish(id: string, status: BuildStatus, made: {slugId?: string; releaseId?: string; buildpacks?: string[]} = {}): void {
    this.store.run(
      'UPDATE builds SET status = ?, slug_id = ?, release_id = ?, buildpacks = coalesce(?, buildpacks), updated_at = ? WHERE id = ?',
      ...[status, made.slugId ?? null, made.releaseId ?? null, made.buildpacks === undefined ? null : JSON.stringify(made.buildpacks)],
      ...[this.clock.now().toISOString(), id],
    )
  }

  /** Builds that a killed runtime left unfinished cannot go on: they failed. Returns them. */
  failPending(): BuildRecord[] {
    const pending = this.store.all<BuildRow>(`SELECT * FROM builds WHERE status = 'pending'`).map(fromRow)
    for (const build of pending) this.finish(build.id, 'failed')
    return pending
  }
}

function fromRow(row: BuildRow): BuildRecord {
  return {
    id: row.id,
    appId: row.app_id,
    status: row.status as BuildStatus,
    stack: row.stack,
    buildpacks: row.buildpacks === null ? undefined : JSON.parse(row.buildpacks),
    sourceUrl: row.source_url,
    sourceVersion: row.source_version ?? undefined,
    sourceDescription: row.source_description ?? undefined,
    sourceChecksum: row.source_checksum ?? undefined,
    slugId: row.slug_id ?? undefined,
    releaseId: row.release_id ?? undefined,
    userEmail: row.user_email,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  }
}
