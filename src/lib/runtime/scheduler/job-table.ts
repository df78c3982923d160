import {randomUUID} from 'node:crypto'
import type {ScheduledRunState} from '../../schema/scheduled-job.js'
import type {Store} from '../store/store.js'
import type {Schedule} from './schedule.js'

export interface JobRecord extends Schedule {
  id: string
  addonId: string
  appId: string
  number: number
  command: string
  size: string | undefined
  catchUp: boolean
  dueAt: Date
  createdAt: Date
}

export interface RunRecord {
  id: string
  jobId: string
  dueAt: Date
  state: ScheduledRunState
  dyno: string | undefined
  exitCode: number | undefined
  message: string | undefined
  finishedAt: Date | undefined
}

interface JobRow {
  id: string
  addon_id: string
  app_id: string
  num: number
  command: string
  cron: string
  timezone: string
  size: string | null
  catch_up: number
  due_at: string
  created_at: string
}

interface RunRow {
  id: string
  job_id: string
  due_at: string
  state: string
  dyno: string | null
  exit_code: number | null
  message: string | null
  finished_at: string | null
}

/** Runs of a job that are remembered. */
const runsKept = 25

/** The SQL of jobs and their runs. */
export class JobTable {
  constructor(private readonly store: Store) {}

  transaction<T>(work: () => T): T {
    return this.store.transaction(work)
  }

  jobs(addonId: string): JobRecord[] {
    return this.store.all<JobRow>('SELECT * FROM scheduled_jobs WHERE addon_id = ? ORDER BY num', addonId).map(jobOf)
  }

  job(id: string): JobRecord | undefined {
    const row = this.store.get<JobRow>('SELECT * FROM scheduled_jobs WHERE id = ?', id)
    return row === undefined ? undefined : jobOf(row)
  }

  due(at: Date): JobRecord[] {
    return this.store.all<JobRow>('SELECT * FROM scheduled_jobs WHERE due_at <= ? ORDER BY due_at', at.toISOString()).map(jobOf)
  }

  /** When the next one of all is due. */
  nextDue(): Date | undefined {
    const row = this.store.get<{due_at: string}>('SELECT due_at FROM scheduled_jobs ORDER BY due_at LIMIT 1')
    return row === undefined ? undefined : new Date(row.due_at)
  }

  insert(job: Omit<JobRecord, 'id' | 'number'>): JobRecord {
    const id = randomUUID()
    this.store.run(
      `INSERT INTO scheduled_jobs (id, addon_id, app_id, num, command, cron, timezone, size, catch_up, due_at, created_at)
       SELECT ?, ?, ?, coalesce(max(num), 0) + 1, ?, ?, ?, ?, ?, ?, ? FROM scheduled_jobs WHERE addon_id = ?`,
      ...[id, job.addonId, job.appId, job.command, job.cron, job.timezone, job.size ?? null, job.catchUp ? 1 : 0],
      ...[job.dueAt.toISOString(), job.createdAt.toISOString(), job.addonId],
    )
    return this.job(id) as JobRecord
  }

  remove(id: string): void {
    this.store.run('DELETE FROM scheduled_jobs WHERE id = ?', id)
  }

  setDue(id: string, at: Date): void {
    this.store.run('UPDATE scheduled_jobs SET due_at = ? WHERE id = ?', at.toISOString(), id)
  }

  /** The newest first. */
  runs(jobId: string): RunRecord[] {
    return this.store.all<RunRow>('SELECT * FROM scheduled_runs WHERE job_id = ? ORDER BY due_at DESC, rowid DESC', jobId).map(runOf)
  }

  unfinished(): RunRecord[] {
    return this.store.all<RunRow>('SELECT * FROM scheduled_runs WHERE finished_at IS NULL ORDER BY due_at').map(runOf)
  }

  insertRun(jobId: string, dueAt: Date): RunRecord {
    const id = randomUUID()
    this.store.run("INSERT INTO scheduled_runs (id, job_id, due_at, state) VALUES (?, ?, ?, 'pending')", id, jobId, dueAt.toISOString())
    this.store.run(
      `DELETE FROM scheduled_runs WHERE job_id = ? AND finished_at IS NOT NULL
       AND id NOT IN (SELECT id FROM scheduled_runs WHERE job_id = ? ORDER BY due_at DESC LIMIT ?)`,
      ...[jobId, jobId, runsKept],
    )
    return {id, jobId, dueAt, state: 'pending', dyno: undefined, exitCode: undefined, message: undefined, finishedAt: undefined}
  }

  running(id: string, dyno: string): void {
    this.store.run("UPDATE scheduled_runs SET state = 'running', dyno = ? WHERE id = ?", dyno, id)
  }

  finish(id: string, at: Date, end: {state: ScheduledRunState; exitCode?: number; message?: string}): void {
    this.store.run(
      'UPDATE scheduled_runs SET state = ?, exit_code = ?, message = ?, finished_at = ? WHERE id = ?',
      ...[end.state, end.exitCode ?? null, end.message ?? null, at.toISOString(), id],
    )
  }
}

function jobOf(row: JobRow): JobRecord {
  const {id, command, cron, timezone} = row
  const times = {dueAt: new Date(row.due_at), createdAt: new Date(row.created_at)}
  const about = {addonId: row.addon_id, appId: row.app_id, number: row.num, size: row.size ?? undefined, catchUp: row.catch_up === 1}
  return {id, command, cron, timezone, ...about, ...times}
}

function runOf(row: RunRow): RunRecord {
  return {
    id: row.id,
    jobId: row.job_id,
    dueAt: new Date(row.due_at),
    state: row.state as ScheduledRunState,
    dyno: row.dyno ?? undefined,
    exitCode: row.exit_code ?? undefined,
    message: row.message ?? undefined,
    finishedAt: row.finished_at === null ? undefined : new Date(row.finished_at),
  }
}
