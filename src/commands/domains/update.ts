import {string} from '@oclif/core/args'
import {string as stringFlag} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class DomainsUpdate extends BaseCommand {
  static override description = 'update a domain to use a different SSL certificate on an app'
  static override examples = ['<%= config.bin %> domains:update www.example.com --cert tokyo-10503 --app demo']
  static override args = {hostname: string({description: 'unique identifier of the domain or full hostname', required: true})}
  static override flags = {
    ...appFlags,
    cert: stringFlag({description: 'the name or id of the certificate you want to use for this domain', required: true}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(DomainsUpdate)
    const {platform, app} = await this.target(flags)
    const {err} = this.ui
    await this.ui.action(`Updating ${err.name(args.hostname)} to use ${err.name(flags.cert)} certificate`, () =>
      platform.domains.update(app, args.hostname, {sni_endpoint: flags.cert}),
    )
  }
}
