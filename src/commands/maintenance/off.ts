import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class MaintenanceOff extends BaseCommand {
  static override description = 'take the app out of maintenance mode'
  static override examples = ['<%= config.bin %> maintenance:off --app demo']
  static override flags = appFlags

  async run(): Promise<void> {
    const {flags} = await this.parse(MaintenanceOff)
    const {platform, app} = await this.target(flags)
    await this.ui.action(`Disabling maintenance mode for ${this.ui.err.app(app)}`, () => platform.apps.update(app, {maintenance: false}))
  }
}
