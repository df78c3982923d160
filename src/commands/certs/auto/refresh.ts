import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags} from '../../../lib/cli/flags.js'

export default class CertsAutoRefresh extends BaseCommand {
  static override description = 'refresh ACM for an app\nTries those domains again at once that have no certificate.'
  static override flags = appFlags

  async run(): Promise<void> {
    const {flags} = await this.parse(CertsAutoRefresh)
    const {platform, app} = await this.target(flags)
    await this.ui.action('Refreshing Automatic Certificate Management', () => platform.acm.refresh(app))
  }
}
