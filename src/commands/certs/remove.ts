import {BaseCommand} from '../../lib/cli/base-command.js'
import {findEndpoint} from '../../lib/cli/certificates.js'
import {appFlags, confirmFlags, endpointFlags} from '../../lib/cli/flags.js'
import {confirmApp} from '../../lib/cli/prompts.js'

export default class CertsRemove extends BaseCommand {
  static override description = 'remove an SSL certificate from an app'
  static override examples = ['<%= config.bin %> certs:remove --name tokyo-10503 --app demo --confirm demo']
  static override flags = {...appFlags, ...confirmFlags, ...endpointFlags}

  async run(): Promise<void> {
    const {flags} = await this.parse(CertsRemove)
    const {platform, app} = await this.target(flags)
    const {name} = await findEndpoint(platform, app, flags)
    const shown = this.ui.err.app(app)
    const warning = `WARNING: Destructive Action - you cannot rollback this change\nThis command will remove the endpoint ${name} from ${shown}.`
    await confirmApp(this.ui, {app, given: flags.confirm, warning})
    await this.ui.action(`Removing SSL certificate ${name} from ${shown}`, () => platform.sniEndpoints.destroy(app, name))
  }
}
