import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import type {Domain} from '../../lib/schema/resources.js'

export default class DomainsInfo extends BaseCommand {
  static override description = 'show detailed information for a domain on an app'
  static override examples = ['<%= config.bin %> domains:info www.example.com --app demo']
  static override enableJsonFlag = true
  static override args = {hostname: string({description: 'unique identifier of the domain or full hostname', required: true})}
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<Domain> {
    const {flags, args} = await this.parse(DomainsInfo)
    const {platform, app} = await this.target(flags)
    const domain = await platform.domains.info(app, args.hostname)
    if (!this.jsonEnabled()) {
      const {app: owner, sni_endpoint, ...facts} = domain
      this.ui.object({...facts, app: owner.name, sni_endpoint: sni_endpoint?.name})
    }
    return domain
  }
}
