import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class DomainsRemove extends BaseCommand {
  static override description = 'remove a domain from an app'
  static override examples = ['<%= config.bin %> domains:remove www.example.com --app demo']
  static override args = {hostname: string({description: 'unique identifier of the domain or full hostname', required: true})}
  static override flags = appFlags

  async run(): Promise<void> {
    const {flags, args} = await this.parse(DomainsRemove)
    const {hostname} = args
    const {platform, app} = await this.target(flags)
    await this.ui.action(`Removing ${this.ui.err.name(hostname)} from ${this.ui.err.app(app)}`, () =>
      platform.domains.destroy(app, hostname),
    )
  }
}
