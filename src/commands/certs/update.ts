import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {findEndpoint, readCertificateFiles, showCertificate} from '../../lib/cli/certificates.js'
import {appFlags, confirmFlags, endpointFlags} from '../../lib/cli/flags.js'
import {confirmApp} from '../../lib/cli/prompts.js'

export default class CertsUpdate extends BaseCommand {
  static override description = 'update an SSL certificate on an app\nThe files are in PEM. A certificate of ACM becomes one of your own.'
  static override examples = ['<%= config.bin %> certs:update example.com.crt example.com.key --app demo --confirm demo']
  static override args = {
    CRT: string({description: 'path of the certificate file', required: true}),
    KEY: string({description: 'path of the key file', required: true}),
  }
  static override flags = {...appFlags, ...confirmFlags, ...endpointFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(CertsUpdate)
    const {platform, app} = await this.target(flags)
    const {name} = await findEndpoint(platform, app, flags)
    const files = await readCertificateFiles(args.CRT, args.KEY)
    const shown = this.ui.err.app(app)
    const warning = `Potentially Destructive Action\nThis command will change the certificate of endpoint ${name} from ${shown}.`
    await confirmApp(this.ui, {app, given: flags.confirm, warning})
    const updated = await this.ui.action(`Updating SSL certificate ${name} for ${shown}`, () =>
      platform.sniEndpoints.update(app, name, files),
    )
    showCertificate(this.ui, updated, 'Updated certificate details:')
  }
}
