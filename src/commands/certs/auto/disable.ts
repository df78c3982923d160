import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags, confirmFlags} from '../../../lib/cli/flags.js'
import {confirmApp} from '../../../lib/cli/prompts.js'

export default class CertsAutoDisable extends BaseCommand {
  static override description = 'disable ACM for an app\nTakes away the certificates that it made.'
  static override flags = {...appFlags, ...confirmFlags}

  async run(): Promise<void> {
    const {flags} = await this.parse(CertsAutoDisable)
    const {platform, app} = await this.target(flags)
    const shown = this.ui.err.app(app)
    const warning = `This command will disable Automatic Certificate Management from ${shown}.
This will cause the certificate to be removed from ${shown} causing SSL
validation errors.  In order to avoid downtime, the recommended steps
are preferred which will also disable Automatic Certificate Management.

1) Request a new SSL certificate for your domains names from your certificate provider
2) hokku certs:update CRT KEY
`
    await confirmApp(this.ui, {app, given: flags.confirm, warning})
    await this.ui.action('Disabling Automatic Certificate Management', () => platform.acm.disable(app))
  }
}
