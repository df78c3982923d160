import {randomUUID} from 'node:crypto'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'

export interface SetupRecord {
  id: string
  appId: string
  appName: string
  status: 'pending' | 'succeeded' | 'failed'
  buildId: string | undefined
  failureMessage: string | undefined
  manifestErrors: string[]
  postdeploy: {output: string; exit_code: number} | undefined
  successUrl: string | undefined
  createdAt: Date
  updatedAt: Date
}

interface SetupRow {
  id: string
  app_id: string
  app_name: string
  status: SetupRecord['status']
  build_id: string | null
  failure_message: string | null
  manifest_errors: string
  postdeploy: string | null
  success_url: string | null
  created_at: string
  updated_at: string
}

export type SetupChanges = Partial<Omit<SetupRecord, 'id' | 'appId' | 'appName' | 'createdAt' | 'updatedAt'>>

/** Rows of the table `app_setups`. They outlive an app whose manifest had errors. */
export class SetupTable {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  insert(app: {id: string; name: string}): SetupRecord {
    const id = randomUUID()
    const now = this.clock.now().toISOString()
    const sql = `INSERT INTO app_setups (id, app_id, app_name, status, created_at, updated_at) VALUES (?, ?, ?, 'pending', ?, ?)`
    this.store.run(sql, id, app.id, app.name, now, now)
    return this.get(id) as SetupRecord
  }

  get(id: string): SetupRecord | undefined {
    const row = this.store.get<SetupRow>('SELECT * FROM app_setups WHERE id = ?', id)
    return row === undefined ? undefined : fromRow(row)
  }

  pending(): SetupRecord[] {
    return this.store.all<SetupRow>(`SELECT * FROM app_setups WHERE status = 'pending'`).map(fromRow)
  }

  update(id: string, changes: SetupChanges): SetupRecord {
    const next = {...(this.get(id) as SetupRecord), ...changes}
    this.store.run(
      `UPDATE app_setups SET status = ?, build_id = ?, failure_message = ?, manifest_errors = ?, postdeploy = ?, success_url = ?, updated_at = ?
       WHERE id = ?`,
      ...[next.status, next.buildId ?? null, next.failureMessage ?? null, JSON.stringify(next.manifestErrors)],
      ...[
        next.postdeploy === undefined ? null : JSON.stringify(next.postdeploy),
        next.successUrl ?? null,
        this.clock.now().toISOString(),
        id,
      ],
    )
    return this.get(id) as SetupRecord
  }
}

function fromRow(row: SetupRow): SetupRecord {
  return {
    id: row.id,
    appId: row.app_id,
    appName: row.app_name,
    status: row.status,
    buildId: row.build_id ?? undefined,
    failureMessage: row.failure_message ?? undefined,
    manifestErrors: JSON.parse(row.manifest_errors),
    postdeploy: row.postdeploy === null ? undefined : JSON.parse(row.postdeploy),
    successUrl: row.success_url ?? undefined,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  }
}
