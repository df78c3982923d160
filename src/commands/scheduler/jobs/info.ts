import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../../lib/cli/flags.js'
import {runText} from '../../../lib/cli/formats/scheduled-run.js'
import {formatTime} from '../../../lib/cli/formats/time.js'
import type {ScheduledJob} from '../../../lib/schema/scheduled-job.js'

export default class SchedulerJobsInfo extends BaseCommand {
  static override description = 'show a job of Heroku Scheduler and its last runs, also those that were missed'
  static override examples = ['<%= config.bin %> scheduler:jobs:info 1 --app demo']
  static override enableJsonFlag = true
  static override args = {job: argument({required: true, description: 'number of the job'})}
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<ScheduledJob> {
    const {flags, args} = await this.parse(SchedulerJobsInfo)
    const {platform, app} = await this.target(flags)
    const job = await platform.scheduler.job(app, args.job)
    if (this.jsonEnabled()) return job
    this.ui.header(job.command)
    this.ui.object({
      App: this.ui.out.app(app),
      Frequency: job.frequency,
      Size: job.size ?? 'that of the process type scheduler, else the default',
      'Missed runs': job.catch_up ? 'made up for, once' : 'left out',
      'Next due': formatTime(new Date(job.next_run_at)),
    })
    if (job.runs.length === 0) return job
    this.ui.header('Runs')
    for (const run of job.runs) this.ui.log([runText(run), run.dyno?.name, run.message].filter(Boolean).join('  '))
    return job
  }
}
