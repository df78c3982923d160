import type {ScheduledJob, ScheduledRun} from '../schema/scheduled-job.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export interface JobRequest {
  command: string
  /** Five fields. */
  cron: string
  timezone: string
  size?: string
  catch_up: boolean
}

/** Jobs of Heroku Scheduler; by number or id. */
export function schedulerResource(transport: Transport) {
  return {
    jobs: (app: string) => transport.call<ScheduledJob[]>('GET', path`/apps/${app}/scheduler/jobs`),
    job: (app: string, job: string) => transport.call<ScheduledJob>('GET', path`/apps/${app}/scheduler/jobs/${job}`),
    add: (app: string, body: JobRequest) => transport.call<ScheduledJob>('POST', path`/apps/${app}/scheduler/jobs`, {body}),
    remove: (app: string, job: string) => transport.call<ScheduledJob>('DELETE', path`/apps/${app}/scheduler/jobs/${job}`),
    run: (app: string, job: string) => transport.call<ScheduledRun>('POST', path`/apps/${app}/scheduler/jobs/${job}/runs`),
  }
}
