import {string} from '@oclif/core/args'
import {string as stringFlag} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import type {Domain} from '../../lib/schema/resources.js'

export default class DomainsAdd extends BaseCommand {
  static override description = 'add a domain to an app'
  static override examples = ['<%= config.bin %> domains:add www.example.com --app demo']
  static override enableJsonFlag = true
  static override args = {hostname: string({description: 'full hostname', required: true})}
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    cert: stringFlag({char: 'c', description: 'the name of the SSL cert you want to use for this domain'}),
  }

  async run(): Promise<Domain> {
    const {flags, args} = await this.parse(DomainsAdd)
    const {hostname} = args
    const {platform, app} = await this.target(flags)
    const domain = await this.ui.action(`Adding ${this.ui.err.name(hostname)} to ${this.ui.err.app(app)}`, () =>
      platform.domains.create(app, {hostname, sni_endpoint: flags.cert ?? null}),
    )
    if (!this.jsonEnabled() && domain.cname !== null)
      this.ui.log(`Configure your app's DNS provider to point to the DNS Target ${this.ui.out.name(domain.cname)}.`)
    return domain
  }
}
