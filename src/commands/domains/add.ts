import {string} from '@oclif/core/args'
import {boolean, string as stringFlag} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {choose, hasTerminal} from '../../lib/cli/prompts.js'
import {waitForDomain} from '../../lib/cli/wait-for-domain.js'
import type {Platform} from '../../lib/client/platform.js'
import type {Domain} from '../../lib/schema/resources.js'

export default class DomainsAdd extends BaseCommand {
  static override description = 'add a domain to an app'
  static override examples = [
    '<%= config.bin %> domains:add www.example.com --app demo',
    '<%= config.bin %> domains:add "*.example.com" --cert tokyo-10503 --app demo',
  ]
  static override enableJsonFlag = true
  static override args = {hostname: string({description: 'full hostname', required: true})}
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    cert: stringFlag({char: 'c', description: 'the name of the SSL cert you want to use for this domain'}),
    wait: boolean({description: 'wait until the domain is routed'}),
  }

  async run(): Promise<Domain> {
    const {flags, args} = await this.parse(DomainsAdd)
    const {hostname} = args
    const {platform, app} = await this.target(flags)
    const certificate = flags.cert ?? (await this.choose(platform, app))
    const domain = await this.ui.action(`Adding ${this.ui.err.name(hostname)} to ${this.ui.err.app(app)}`, () =>
      platform.domains.create(app, {hostname, sni_endpoint: certificate}),
    )
    if (!this.jsonEnabled() && domain.cname !== null)
      this.ui.log(`Configure your app's DNS provider to point to the DNS Target ${this.ui.out.name(domain.cname)}.`)
    return flags.wait ? await waitForDomain(this.ui, platform, app, domain) : domain
  }

  /** Several certificates are a question, where somebody can be asked; none is an answer. */
  private async choose(platform: Platform, app: string): Promise<string | null> {
    if (!hasTerminal(this.ui)) return null
    const endpoints = await platform.sniEndpoints.list(app)
    if (endpoints.length < 2) return null
    const choices = endpoints.map(({name, ssl_cert}) => ({name: `${name} -> ${ssl_cert.cert_domains.slice(0, 4).join(', ')}`, value: name}))
    const none = {name: 'No SNI Endpoint', value: ''}
    return (await choose(this.ui, 'Choose an SNI endpoint to associate with this domain', [none, ...choices])) || null
  }
}
