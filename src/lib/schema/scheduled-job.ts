/** `succeeded` is exit code 0; a `missed` run never started; of a `lost` one nobody saw the end. */
export type ScheduledRunState = 'pending' | 'running' | 'succeeded' | 'failed' | 'missed' | 'lost'

export interface ScheduledRun {
  id: string
  /** When it was to run. */
  due_at: string
  state: ScheduledRunState
  /** `scheduler.4821` */
  dyno: {name: string} | null
  exit_code: number | null
  /** Why it did not run, or not to its end. */
  message: string | null
  finished_at: string | null
}

/** A job of Heroku Scheduler, as `GET /apps/:app/scheduler/jobs` lists it. */
export interface ScheduledJob {
  id: string
  /** Of the add-on: what the CLI calls it. */
  number: number
  app: {id: string; name: string}
  command: string
  /** Five fields. */
  cron: string
  /** Of the IANA database. */
  timezone: string
  /** In words: `Every 10 minutes`. */
  frequency: string
  /** Null: that of the process type `scheduler`, else the default. */
  size: string | null
  /** Whether a run that was missed is made up for, once. */
  catch_up: boolean
  next_run_at: string
  created_at: string
  /** The newest first. */
  runs: ScheduledRun[]
}
