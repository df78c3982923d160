import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class MaintenanceOn extends BaseCommand {
  static override description = 'put the app into maintenance mode'
  static override examples = ['<%= config.bin %> maintenance:on --app demo']
  static override flags = appFlags

  async run(): Promise<void> {
    const {flags} = await this.parse(MaintenanceOn)
    const {platform, app} = await this.target(flags)
    await this.ui.action(`Enabling maintenance mode for ${this.ui.err.app(app)}`, () => platform.apps.update(app, {maintenance: true}))
  }
}
