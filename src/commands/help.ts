import {loadHelpClass} from '@oclif/core/help'
import {BaseCommand} from '../lib/cli/base-command.js'

export default class Help extends BaseCommand {
  static override description = 'display help for a command'
  static override strict = false
  static override usage = 'help [COMMAND]'

  async run(): Promise<void> {
    const {argv} = await this.parse(Help)
    const HelpClass = await loadHelpClass(this.config)
    await new HelpClass(this.config, this.config.pjson.oclif.helpOptions).showHelp(argv as string[])
  }
}
