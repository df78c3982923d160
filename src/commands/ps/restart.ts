import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {dynoChoice, dynoChoiceFlags} from '../../lib/cli/dyno-choice.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class PsRestart extends BaseCommand {
  static override description = `restart an app dyno or process type
If neither --dyno-name nor --process-type is given, all dynos of the app are restarted.`
  static override examples = [
    '<%= config.bin %> ps:restart --app demo',
    '<%= config.bin %> ps:restart --dyno-name web.1 --app demo',
    '<%= config.bin %> ps:restart --process-type web --app demo',
  ]
  static override aliases = ['dyno:restart']
  static override hiddenAliases = ['restart']
  static override args = {dyno: string({description: 'name of the dyno to restart'})}
  static override flags = {...appFlags, ...dynoChoiceFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PsRestart)
    const {what, title} = dynoChoice(this.ui, flags, args)
    const {platform, app} = await this.target(flags)
    await this.ui.action(`Restarting ${title} on ${this.ui.err.app(app)}`, () => platform.dynos.restart(app, what))
  }
}
