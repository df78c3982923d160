import {string as argument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {confirmApp} from '../../lib/cli/prompts.js'

export default class AddonsUninstall extends BaseCommand {
  static override description =
    'remove an add-on service that was installed from a folder, and its image\nNo add-on and no snapshot may need it.'
  static override examples = ['<%= config.bin %> addons:uninstall valkey --confirm valkey']
  static override args = {service: argument({required: true, description: 'name of the service'})}
  static override flags = {
    confirm: string({char: 'c', description: 'name of the service, instead of a question', helpValue: 'SERVICE'}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(AddonsUninstall)
    const platform = await this.connect()
    const warning = `Destructive Action\nThis command removes the service ${this.ui.err.name(args.service)} with the files it was installed from`
    await confirmApp(this.ui, {app: args.service, given: flags.confirm, warning})
    await this.ui.action(`Uninstalling ${this.ui.err.name(args.service)}`, () => platform.addonServices.uninstall(args.service))
  }
}
