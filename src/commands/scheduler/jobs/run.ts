import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../../lib/cli/flags.js'
import type {ScheduledRun} from '../../../lib/schema/scheduled-job.js'

export default class SchedulerJobsRun extends BaseCommand {
  static override description = 'run a job of Heroku Scheduler now; when it is due does not change'
  static override examples = ['<%= config.bin %> scheduler:jobs:run 1 --app demo']
  static override enableJsonFlag = true
  static override args = {job: argument({required: true, description: 'number of the job'})}
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<ScheduledRun> {
    const {flags, args} = await this.parse(SchedulerJobsRun)
    const {platform, app} = await this.target(flags)
    const run = await this.ui.action(`Running job ${args.job} on ${this.ui.err.app(app)}`, () => platform.scheduler.run(app, args.job))
    const {out} = this.ui
    const {bin} = this.config
    if (!this.jsonEnabled())
      this.ui.log(
        `See ${out.command(`${bin} logs --dyno scheduler --app ${app}`)} and ${out.command(`${bin} scheduler:jobs:info ${args.job} --app ${app}`)}.`,
      )
    return run
  }
}
