import {z} from 'zod'
import {notFound} from '../../../schema/errors.js'
import type {ScheduledJob, ScheduledRun} from '../../../schema/scheduled-job.js'
import type {AppRecord} from '../../apps/app-record.js'
import type {JobRecord, RunRecord} from '../../scheduler/job-table.js'
import {inWords} from '../../scheduler/schedule.js'
import {isoSeconds} from '../../support/clock.js'
import {body} from '../body.js'
import type {Api, Services} from '../services.js'

const create = z.object({
  command: z.string().trim().min(1).max(10_000),
  cron: z.string().trim().max(200),
  timezone: z.string().max(100).default('UTC'),
  size: z.string().nullish(),
  catch_up: z.boolean().default(false),
})

/** Jobs of Heroku Scheduler, which has a dashboard for them and no API: these paths are ours. */
export function schedulerRoutes(api: Api, {apps, scheduler}: Pick<Services, 'apps' | 'scheduler'>): void {
  const shown = (app: AppRecord, job: JobRecord): ScheduledJob => jobJson(app, job, scheduler.runs(job))

  api.get('/apps/:app/scheduler/jobs', c => {
    const app = apps.resolve(c.req.param('app'))
    return c.json(scheduler.jobs(app).map(job => shown(app, job)))
  })
  api.post('/apps/:app/scheduler/jobs', async c => {
    const app = apps.resolve(c.req.param('app'))
    const {command, cron, timezone, size, catch_up: catchUp} = await body(c, create)
    const job = scheduler.add(app, {command, cron: cron.replace(/\s+/g, ' '), timezone, size: size ?? undefined, catchUp})
    return c.json(shown(app, job), 201)
  })
  api.get('/apps/:app/scheduler/jobs/:job', c => {
    const app = apps.resolve(c.req.param('app'))
    return c.json(shown(app, scheduler.job(app, c.req.param('job'))))
  })
  api.delete('/apps/:app/scheduler/jobs/:job', c => {
    const app = apps.resolve(c.req.param('app'))
    const job = scheduler.job(app, c.req.param('job'))
    const before = shown(app, job)
    scheduler.remove(job)
    return c.json(before)
  })
  api.post('/apps/:app/scheduler/jobs/:job/runs', c => {
    const app = apps.resolve(c.req.param('app'))
    return c.json(runJson(scheduler.run(scheduler.job(app, c.req.param('job')))), 201)
  })
  api.get('/apps/:app/scheduler/jobs/:job/runs/:run', c => {
    const app = apps.resolve(c.req.param('app'))
    const run = scheduler.runs(scheduler.job(app, c.req.param('job'))).find(one => one.id === c.req.param('run'))
    if (run === undefined) throw notFound('scheduled run')
    return c.json(runJson(run))
  })
}

function jobJson(app: AppRecord, job: JobRecord, runs: RunRecord[]): ScheduledJob {
  const {id, number, command, cron, timezone} = job
  return {
    id,
    number,
    app: {id: app.id, name: app.name},
    command,
    cron,
    timezone,
    frequency: inWords(job),
    size: job.size ?? null,
    catch_up: job.catchUp,
    next_run_at: isoSeconds(job.dueAt),
    created_at: isoSeconds(job.createdAt),
    runs: runs.map(runJson),
  }
}

function runJson({id, dueAt, state, dyno, exitCode, message, finishedAt}: RunRecord): ScheduledRun {
  return {
    id,
    due_at: isoSeconds(dueAt),
    state,
    dyno: dyno === undefined ? null : {name: dyno},
    exit_code: exitCode ?? null,
    message: message ?? null,
    finished_at: finishedAt === undefined ? null : isoSeconds(finishedAt),
  }
}
