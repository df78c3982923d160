import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class AddonsDetach extends BaseCommand {
  static override description = 'detach an existing add-on resource from an app'
  static override examples = ['<%= config.bin %> addons:detach BLUE --app other']
  static override args = {attachment_name: argument({required: true, description: 'name of the add-on attachment'})}
  static override flags = {...appFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(AddonsDetach)
    const {platform, app} = await this.target(flags)
    const attachment = await platform.addons.attachment(app, args.attachment_name)
    const {err} = this.ui
    await this.ui.action(`Detaching ${err.name(attachment.name)} to ${err.name(attachment.addon.name)} from ${err.app(app)}`, () =>
      platform.addons.detach(attachment.id),
    )
    await this.ui.action(
      `Unsetting ${err.name(attachment.name)} config vars and restarting ${err.app(app)}`,
      () => platform.releases.newest(app),
      release => `done, ${err.name(`v${release?.version}`)}`,
    )
  }
}
