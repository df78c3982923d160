import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../../lib/cli/flags.js'
import {runText} from '../../../lib/cli/formats/scheduled-run.js'
import {formatTime} from '../../../lib/cli/formats/time.js'
import type {ScheduledJob} from '../../../lib/schema/scheduled-job.js'

export default class SchedulerJobs extends BaseCommand {
  static override description = 'list the jobs that Heroku Scheduler runs'
  static override examples = ['<%= config.bin %> scheduler:jobs --app demo']
  static override enableJsonFlag = true
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<ScheduledJob[]> {
    const {flags} = await this.parse(SchedulerJobs)
    const {platform, app} = await this.target(flags)
    const jobs = await platform.scheduler.jobs(app)
    if (this.jsonEnabled()) return jobs
    const {out} = this.ui
    if (jobs.length === 0) this.ui.log(`${out.app(app)} has no jobs. Add one with ${out.command(`${this.config.bin} scheduler:jobs:add`)}.`)
    else
      await this.ui.table(jobs, {
        Job: job => out.name(String(job.number)),
        Command: job => job.command,
        Frequency: job => job.frequency,
        Size: job => job.size ?? '',
        'Last run': job => (job.runs[0] === undefined ? '' : runText(job.runs[0])),
        'Next due': job => formatTime(new Date(job.next_run_at)),
      })
    return jobs
  }
}
