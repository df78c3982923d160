import {randomUUID} from 'node:crypto'
import type {ConfigVars, ReleaseStatus} from '../../schema/resources.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {Seal} from '../support/seal.js'
import type {AttachmentSnapshot, ReleaseRecord} from './release-record.js'

interface ReleaseRow {
  id: string
  app_id: string
  version: number
  slug_id: string | null
  description: string
  status: string
  user_email: string
  config_sealed: string
  attachments: string
  addon_plan_names: string
  output_id: string | null
  created_at: string
  updated_at: string
}

export interface NewRelease {
  appId: string
  slugId: string | undefined
  description: string
  status: ReleaseStatus
  userEmail: string
  userConfig: ConfigVars
  addonConfig: ConfigVars
  attachments: AttachmentSnapshot[]
  addonPlanNames: string[]
  outputId: string | undefined
}

/** Which releases to list: newest first unless `order` is asc; versions bounded on either side. */
export interface ReleaseRange {
  order: 'asc' | 'desc'
  limit: number
  from?: number
  to?: number
}

/** Rows of the table `releases`, config sealed. */
export class ReleaseTable {
  constructor(
    private readonly store: Store,
    private readonly seal: Seal,
    private readonly clock: Clock,
  ) {}

  transaction<T>(work: () => T): T {
    return this.store.transaction(work)
  }

  /** Gives it the app's next version; a failed release uses its number up. */
  insert(release: NewRelease): ReleaseRecord {
    return this.store.transaction(() => {
      this.store.run('UPDATE apps SET last_version = last_version + 1 WHERE id = ?', release.appId)
      const version = this.store.get<{last_version: number}>('SELECT last_version FROM apps WHERE id = ?', release.appId)
        ?.last_version as number
      const id = randomUUID()
      const now = this.clock.now().toISOString()
      const config = this.seal.seal(JSON.stringify({user: release.userConfig, addons: release.addonConfig}))
      this.store.run(
        `INSERT INTO releases (id, app_id, version, slug_id, description, status, user_email, config_sealed, attachments, addon_plan_names,
         output_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[id, release.appId, version, release.slugId ?? null, release.description, release.status, release.userEmail, config],
        ...[JSON.stringify(release.attachments), JSON.stringify(release.addonPlanNames), release.outputId ?? null, now, now],
      )
      return this.get(id) as ReleaseRecord
    })
  }

  get(id: string): ReleaseRecord | undefined {
    const row = this.store.get<ReleaseRow>('SELECT * FROM releases WHERE id = ?', id)
    return row === undefined ? undefined : this.fromRow(row)
  }

  byVersion(appId: string, version: number): ReleaseRecord | undefined {
    const row = this.store.get<ReleaseRow>('SELECT * FROM releases WHERE app_id = ? AND version = ?', appId, version)
    return row === undefined ? undefined : this.fromRow(row)
  }

  list(appId: string, range: ReleaseRange): ReleaseRecord[] {
    const sql = `SELECT * FROM releases WHERE app_id = ? AND version >= ? AND version <= ? ORDER BY version ${range.order === 'asc' ? 'ASC' : 'DESC'} LIMIT ?`
    const rows = this.store.all<ReleaseRow>(sql, appId, range.from ?? 0, range.to ?? Number.MAX_SAFE_INTEGER, range.limit)
    return rows.map(row => this.fromRow(row))
  }

  /** Of all apps; those of one app in the order in which they were cut, whatever the clock said. */
  pending(): ReleaseRecord[] {
    return this.store
      .all<ReleaseRow>(`SELECT * FROM releases WHERE status = 'pending' ORDER BY app_id, version`)
      .map(row => this.fromRow(row))
  }

  /** Outputs of the release commands of an app. */
  outputIds(appId: string): string[] {
    const rows = this.store.all<{output_id: string}>('SELECT output_id FROM releases WHERE app_id = ? AND output_id IS NOT NULL', appId)
    return rows.map(row => row.output_id)
  }

  /** Of release commands before the newest so many, a few at a time. */
  oldOutputIds(appId: string, newest: number): string[] {
    const sql = 'SELECT output_id FROM releases WHERE app_id = ? AND output_id IS NOT NULL ORDER BY version DESC LIMIT 10 OFFSET ?'
    return this.store.all<{output_id: string}>(sql, appId, newest).map(row => row.output_id)
  }

  /** The newest succeeded release older than that version, for a rollback without an argument. */
  before(appId: string, version: number): ReleaseRecord | undefined {
    const row = this.store.get<ReleaseRow>(
      `SELECT * FROM releases WHERE app_id = ? AND version < ? AND status = 'succeeded' AND slug_id IS NOT NULL ORDER BY version DESC LIMIT 1`,
      ...[appId, version],
    )
    return row === undefined ? undefined : this.fromRow(row)
  }

  /** For each slug the newest release that succeeded, and the slugs that are needed whatever their age. */
  slugUses(appId: string, currentRelease: string | undefined): {newest: Map<string, number>; needed: string[]} {
    const rows = this.store.all<{slug_id: string; newest: number | null; needed: number}>(
      `SELECT slug_id, max(CASE WHEN status = 'succeeded' THEN version END) AS newest,
       max(status = 'pending' OR id = ? OR version = (SELECT last_version FROM apps WHERE apps.id = ?)) AS needed
       FROM releases WHERE app_id = ? AND slug_id IS NOT NULL GROUP BY slug_id`,
      ...[currentRelease ?? '', appId, appId],
    )
    const newest = rows.flatMap(row => (row.newest === null ? [] : [[row.slug_id, row.newest] as [string, number]]))
    return {newest: new Map(newest), needed: rows.filter(row => row.needed === 1).map(row => row.slug_id)}
  }

  /** Slugs of some releases. */
  slugsOf(releaseIds: string[]): string[] {
    return releaseIds.flatMap(
      id => this.store.get<{slug_id: string | null}>('SELECT slug_id FROM releases WHERE id = ?', id)?.slug_id ?? [],
    )
  }

  /** Versions of the releases with that slug that succeeded. */
  versionsOf(appId: string, slugId: string): number[] {
    const sql = `SELECT version FROM releases WHERE app_id = ? AND slug_id = ? AND status = 'succeeded' ORDER BY version`
    return this.store.all<{version: number}>(sql, appId, slugId).map(row => row.version)
  }

  /** Releases whose slug is gone cannot run again. */
  expire(appId: string, slugIds: string[]): void {
    const sql = `UPDATE releases SET status = 'expired', updated_at = ? WHERE app_id = ? AND slug_id = ? AND status = 'succeeded'`
    for (const slugId of slugIds) this.store.run(sql, this.clock.now().toISOString(), appId, slugId)
  }

  setStatus(id: string, status: ReleaseStatus): void {
    this.store.run('UPDATE releases SET status = ?, updated_at = ? WHERE id = ?', status, this.clock.now().toISOString(), id)
  }

  /**
   * Marks it succeeded and makes it the current one, together. One that was held up until after a newer release had succeeded
   * does not take its place: false.
   */
  succeed(release: ReleaseRecord): boolean {
    return this.store.transaction(() => {
      this.setStatus(release.id, 'succeeded')
      const now = this.clock.now().toISOString()
      const made = this.store.run(
        `UPDATE apps SET current_release = ?, current_slug = ?, released_at = ?, updated_at = ?
         WHERE id = ? AND coalesce((SELECT version FROM releases WHERE id = apps.current_release), 0) < ?`,
        ...[release.id, release.slugId ?? null, now, now, release.appId, release.version],
      )
      if (made === 1 && release.slugId !== undefined)
        this.store.run('UPDATE apps SET stack = (SELECT stack FROM slugs WHERE id = ?) WHERE id = ?', release.slugId, release.appId)
      return made === 1
    })
  }

  private fromRow(row: ReleaseRow): ReleaseRecord {
    let opened: {user: ConfigVars; addons: ConfigVars} | undefined
    const open = (): {user: ConfigVars; addons: ConfigVars} => {
      opened ??= JSON.parse(this.seal.open(row.config_sealed)) as {user: ConfigVars; addons: ConfigVars}
      return opened
    }
    return {
      id: row.id,
      appId: row.app_id,
      version: row.version,
      slugId: row.slug_id ?? undefined,
      description: row.description,
      status: row.status as ReleaseStatus,
      userEmail: row.user_email,
      // Most who look at a release never ask for these.
      get config() {
        return {...open().user, ...open().addons}
      },
      get userConfig() {
        return open().user
      },
      attachments: JSON.parse(row.attachments),
      addonPlanNames: JSON.parse(row.addon_plan_names),
      outputId: row.output_id ?? undefined,
      createdAt: new Date(row.created_at),
      updatedAt: new Date(row.updated_at),
    }
  }
}
