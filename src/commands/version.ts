import {BaseCommand} from '../lib/cli/base-command.js'

export default class Version extends BaseCommand {
  static override description = 'show the version'

  async run(): Promise<void> {
    await this.parse(Version)
    this.ui.log(this.config.userAgent)
  }
}
