import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags, confirmFlags} from '../../../lib/cli/flags.js'
import {confirmApp} from '../../../lib/cli/prompts.js'

export default class SchedulerJobsRemove extends BaseCommand {
  static override description = 'remove a job from Heroku Scheduler\nA dyno of it that runs goes on.'
  static override examples = ['<%= config.bin %> scheduler:jobs:remove 1 --app demo --confirm demo']
  static override args = {job: argument({required: true, description: 'number of the job'})}
  static override flags = {...appFlags, ...confirmFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(SchedulerJobsRemove)
    const {platform, app} = await this.target(flags)
    const {command, frequency} = await platform.scheduler.job(app, args.job)
    const warning = `Destructive Action\nThis command removes job ${args.job}, ${this.ui.err.command(command)} (${frequency}), and what is known of its runs`
    await confirmApp(this.ui, {app, given: flags.confirm, warning})
    await this.ui.action(`Removing job ${args.job} from ${this.ui.err.app(app)}`, () => platform.scheduler.remove(app, args.job))
  }
}
