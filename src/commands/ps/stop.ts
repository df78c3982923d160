import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {usageError} from '../../lib/cli/command-error.js'
import {dynoChoice, dynoChoiceFlags} from '../../lib/cli/dyno-choice.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class PsStop extends BaseCommand {
  static override description = `stop an app dyno or process type
A one-off dyno ends for good; a dyno of the formation is started again. To have fewer of them use ps:scale.`
  static override examples = [
    '<%= config.bin %> ps:stop --dyno-name run.1828 --app demo',
    '<%= config.bin %> ps:stop --process-type run --app demo',
  ]
  static override aliases = ['dyno:stop', 'ps:kill', 'dyno:kill']
  static override hiddenAliases = ['stop', 'kill']
  static override args = {dyno: string({description: 'name of the dyno to stop'})}
  static override flags = {...appFlags, ...dynoChoiceFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PsStop)
    const {what, title} = dynoChoice(this.ui, flags, args)
    if (what.dyno === undefined && what.type === undefined)
      throw usageError('Please specify a process type or dyno name to stop.\nSee more help with --help')
    const {platform, app} = await this.target(flags)
    await this.ui.action(`Stopping ${title} on ${this.ui.err.app(app)}`, () => platform.dynos.stop(app, what))
  }
}
