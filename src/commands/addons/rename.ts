import {string as argument} from '@oclif/core/args'
import {AddonCommand} from '../../lib/cli/addon-command.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class AddonsRename extends AddonCommand {
  static override description = `rename an add-on
Attachments and config vars stay as they are, so nothing restarts.`
  static override examples = ['<%= config.bin %> addons:rename postgresql-cubed-12345 my-db']
  static override args = {
    addon: argument({required: true, description: 'unique identifier or globally unique name of the add-on'}),
    newname: argument({required: true, description: 'new globally unique name of the add-on'}),
  }
  static override flags = {...appFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(AddonsRename)
    const {platform, app} = await this.optionalTarget(flags)
    const addon = await this.pickAddon(platform, args.addon, app)
    const renamed = await platform.addons.rename(addon.app.id, addon.id, args.newname)
    this.ui.log(`${this.ui.out.name(addon.name)} successfully renamed to ${this.ui.out.name(renamed.name)}.`)
  }
}
