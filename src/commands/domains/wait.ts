import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags} from '../../lib/cli/flags.js'
import {waitForDomain} from '../../lib/cli/wait-for-domain.js'

export default class DomainsWait extends BaseCommand {
  static override description = 'wait for domain to be active for an app'
  static override examples = ['<%= config.bin %> domains:wait www.example.com --app demo']
  static override args = {hostname: string({description: 'unique identifier of the domain or full hostname'})}
  static override flags = appFlags

  async run(): Promise<void> {
    const {flags, args} = await this.parse(DomainsWait)
    const {platform, app} = await this.target(flags)
    const domains =
      args.hostname === undefined
        ? (await platform.domains.list(app)).filter(({status}) => status === 'pending')
        : [await platform.domains.info(app, args.hostname)]
    for (const domain of domains) await waitForDomain(this.ui, platform, app, domain)
  }
}
