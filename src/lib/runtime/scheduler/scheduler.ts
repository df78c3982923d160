import {findDynoSize} from '../../schema/dyno-sizes.js'
import {notFound, PlatformError} from '../../schema/errors.js'
import type {AddonRecord} from '../addons/addons.js'
import type {AppRecord} from '../apps/app-record.js'
import type {DynoManager} from '../dynos/dyno-manager.js'
import {Bell} from '../support/bell.js'
import {type Clock, isoSeconds} from '../support/clock.js'
import type {LogSink} from '../support/log-sink.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {JobRecord, JobTable, RunRecord} from './job-table.js'
import {nextRun, type Schedule} from './schedule.js'

export interface SchedulerDeps {
  table: JobTable
  addons: {listOf(appId: string): AddonRecord[]}
  dynos: Pick<DynoManager, 'runOneOff' | 'takeScheduledRun'>
  logplex: LogSink
  clock: Clock
  log: RuntimeLog
}

export interface WantedJob extends Schedule {
  command: string
  size: string | undefined
  catchUp: boolean
}

/** The service of the catalogue whose add-ons have jobs. */
const service = 'scheduler'
const user = `${service}@addons.heroku.com`

/** A run that is at most so late still begins, in ms: a runtime that starts again misses nothing, a laptop that slept does. */
const graceMs = 10 * 60_000
/** No single wait is longer, in ms: while a machine sleeps, its timers stand still. */
const longestWaitMs = 30_000

/** Starts jobs when they are due. Heroku's promise holds: as a rule once each time, but a kill at the wrong moment may make it twice. */
export class Scheduler {
  private readonly bell = new Bell()
  private readonly closing = new AbortController()
  private readonly following = new Set<Promise<void>>()
  private started = false

  constructor(private readonly deps: SchedulerDeps) {}

  /** Follows the dynos that an earlier runtime started, then waits for what is due, until `close`. Once dynos are adopted; again is nothing. */
  start(): void {
    if (this.started) return
    this.started = true
    this.recover()
    void this.wait().catch(error => this.closing.signal.aborted || this.deps.log.error('scheduled jobs are not followed', {error}))
  }

  /** Lets go; dynos run on. */
  async close(): Promise<void> {
    this.closing.abort()
  }

  /** Throws not_found for an app without the add-on. */
  jobs(app: AppRecord): JobRecord[] {
    return this.deps.table.jobs(this.addonOf(app).id)
  }

  /** By number or id. Throws not_found. */
  job(app: AppRecord, identity: string): JobRecord {
    const found = this.jobs(app).find(one => one.id === identity || String(one.number) === identity)
    if (found === undefined) throw notFound('scheduled job')
    return found
  }

  /** The newest first. */
  runs(job: JobRecord): RunRecord[] {
    return this.deps.table.runs(job.id)
  }

  /** Throws not_found, and invalid_params for a schedule or a size that is none. */
  add(app: AppRecord, wanted: WantedJob): JobRecord {
    const addon = this.addonOf(app)
    const now = this.deps.clock.now()
    if (wanted.size !== undefined && findDynoSize(wanted.size) === undefined)
      throw new PlatformError('invalid_params', `No such dyno size: ${wanted.size}.`)
    const dueAt = nextRun(wanted, now)
    const job = this.deps.table.insert({...wanted, addonId: addon.id, appId: app.id, dueAt, createdAt: now})
    this.bell.ring()
    return job
  }

  remove(job: JobRecord): void {
    this.deps.table.remove(job.id)
  }

  /** Now, whenever it is due. */
  run(job: JobRecord): RunRecord {
    const run = this.deps.table.insertRun(job.id, this.deps.clock.now())
    this.begin(job, run)
    return run
  }

  private addonOf(app: AppRecord): AddonRecord {
    const found = this.deps.addons.listOf(app.id).find(addon => addon.service === service)
    if (found !== undefined) return found
    throw new PlatformError('not_found', `${app.name} has no scheduler. Add it with addons:create scheduler:standard.`, {
      resource: 'add_on',
    })
  }

  private async wait(): Promise<void> {
    const {table, clock} = this.deps
    const {signal} = this.closing
    while (!signal.aborted) {
      this.takeDue()
      const due = table.nextDue()
      const waiting = new AbortController()
      const either = AbortSignal.any([signal, waiting.signal])
      const ms = due === undefined ? undefined : Math.min(Math.max(due.getTime() - clock.now().getTime(), 0), longestWaitMs)
      const rung = this.bell.rung(either)
      await Promise.race(ms === undefined ? [rung] : [rung, clock.sleep(ms, either).catch(() => undefined)])
      waiting.abort()
    }
  }

  /** Each due job once, however often its time came meanwhile: what was missed is written down, and told in the app's log. */
  private takeDue(): void {
    const {table, clock} = this.deps
    const now = clock.now()
    const begun = table.transaction(() =>
      table.due(now).flatMap(job => {
        table.setDue(job.id, nextRun(job, now))
        const run = table.insertRun(job.id, job.dueAt)
        if (now.getTime() - job.dueAt.getTime() <= graceMs) return [{job, run}]
        this.miss(job, run)
        return job.catchUp ? [{job, run: table.insertRun(job.id, now)}] : []
      }),
    )
    for (const {job, run} of begun) this.begin(job, run)
  }

  private miss(job: JobRecord, run: RunRecord): void {
    const message = `The runtime was not running at ${isoSeconds(run.dueAt)}.`
    this.deps.table.finish(run.id, this.deps.clock.now(), {state: 'missed', message})
    this.say(job, `Missed a run of job ${job.number}, \`${job.command}\`: ${message}`)
  }

  private begin(job: JobRecord, run: RunRecord): void {
    const {dynos, table, clock} = this.deps
    const start = async (): Promise<void> => {
      const {appId, command, size} = job
      const oneOff = await dynos.runOneOff({appId, command, type: service, user, log: true, ...(size !== undefined && {size})})
      table.running(run.id, oneOff.dyno.name)
      this.ended(run, await oneOff.ended)
    }
    this.follow(
      start().catch((error: Error) => {
        if (this.closing.signal.aborted) return
        table.finish(run.id, clock.now(), {state: 'failed', message: error.message})
        this.say(job, `Job ${job.number}, \`${job.command}\`, did not start: ${error.message}`)
      }),
    )
  }

  /** A runtime that lets go of its dynos says 'ended' to nobody: the next one asks. */
  private ended(run: RunRecord, code: number): void {
    if (this.closing.signal.aborted) return
    this.deps.table.finish(run.id, this.deps.clock.now(), {state: code === 0 ? 'succeeded' : 'failed', exitCode: code})
  }

  private recover(): void {
    const {table, dynos, clock} = this.deps
    for (const run of table.unfinished()) {
      const job = table.job(run.jobId) as JobRecord
      const adopted = run.dyno === undefined ? undefined : dynos.takeScheduledRun(job.appId, run.dyno)
      if (adopted !== undefined) this.follow(adopted.ended.then(({code}) => this.ended(run, code)))
      else if (run.state === 'running')
        table.finish(run.id, clock.now(), {state: 'lost', message: 'Its dyno was gone when the runtime started again.'})
      else if (clock.now().getTime() - run.dueAt.getTime() <= graceMs) this.begin(job, run)
      else this.miss(job, run)
    }
  }

  private follow(work: Promise<void>): void {
    const followed = work
      .catch(error => this.closing.signal.aborted || this.deps.log.error('scheduled run not followed', {error}))
      .then(() => void this.following.delete(followed))
    this.following.add(followed)
  }

  private say(job: JobRecord, message: string): void {
    this.deps.logplex.append(job.appId, {at: this.deps.clock.now(), source: 'heroku', ps: service, message})
  }
}
