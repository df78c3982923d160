import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import type {Domain} from '../../lib/schema/resources.js'

export default class Domains extends BaseCommand {
  static override description = 'list domains for an app'
  static override enableJsonFlag = true
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<Domain[]> {
    const {flags} = await this.parse(Domains)
    const {platform, app} = await this.target(flags)
    const domains = await platform.domains.list(app)
    if (!this.jsonEnabled()) await this.show(app, domains)
    return domains
  }

  private async show(app: string, domains: Domain[]): Promise<void> {
    const {out} = this.ui
    this.ui.header(`${out.app(app)} Heroku Domain`)
    for (const domain of domains.filter(({kind}) => kind === 'heroku')) this.ui.log(domain.hostname)
    const custom = domains.filter(({kind}) => kind === 'custom')
    if (custom.length === 0) return
    this.ui.log('\n')
    this.ui.header(`${out.app(app)} Custom Domains`)
    await this.ui.table(custom, {
      'Domain Name': ({hostname}) => hostname,
      'DNS Record Type': ({hostname}) => (isApex(hostname) ? 'ALIAS or ANAME' : 'CNAME'),
      'DNS Target': ({cname}) => cname ?? '',
      'SNI Endpoint': ({sni_endpoint}) => sni_endpoint?.name ?? '',
    })
  }
}

function isApex(hostname: string): boolean {
  return !hostname.startsWith('*') && hostname.split('.').length <= 2
}
