import {string} from '@oclif/core/args'
import {string as stringFlag} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {readCertificateFiles, showCertificate} from '../../lib/cli/certificates.js'
import {appFlags} from '../../lib/cli/flags.js'
import {chooseSeveral, hasTerminal} from '../../lib/cli/prompts.js'
import type {Platform} from '../../lib/client/platform.js'
import {covers} from '../../lib/schema/certificate-chain.js'
import type {SniEndpoint} from '../../lib/schema/resources.js'

export default class CertsAdd extends BaseCommand {
  static override description = `add an SSL certificate to an app
The files are in PEM; the certificate's has its whole chain, in any order. Which domains are shown with it is asked at a
terminal; elsewhere they are those of --domains, or all it is for that have no certificate yet.`
  static override examples = [
    '<%= config.bin %> certs:add example.com.crt example.com.key --app demo',
    '<%= config.bin %> certs:add example.com.crt example.com.key --domains www.example.com,example.com --app demo',
  ]
  static override args = {
    CRT: string({description: 'path of the certificate file', required: true}),
    KEY: string({description: 'path of the key file', required: true}),
  }
  static override flags = {...appFlags, domains: stringFlag({description: 'domains to show it with, with commas between'})}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(CertsAdd)
    const {platform, app} = await this.target(flags)
    const files = await readCertificateFiles(args.CRT, args.KEY)
    const endpoint = await this.ui.action(`Adding SSL certificate to ${this.ui.err.app(app)}`, () =>
      platform.sniEndpoints.create(app, files),
    )
    showCertificate(this.ui, endpoint)
    const wanted =
      flags.domains
        ?.split(',')
        .map(one => one.trim())
        .filter(Boolean) ?? (await this.choose(platform, app, endpoint))
    for (const hostname of wanted)
      await this.ui.action(`Updating ${this.ui.err.name(hostname)} to use ${this.ui.err.name(endpoint.name)} certificate`, () =>
        platform.domains.update(app, hostname, {sni_endpoint: endpoint.name}),
      )
  }

  private async choose(platform: Platform, app: string, endpoint: SniEndpoint): Promise<string[]> {
    const all = await platform.domains.list(app)
    const domains = all.filter(({kind, hostname}) => kind === 'custom' && covers(endpoint.certificate_chain, hostname))
    const without = domains.filter(domain => domain.sni_endpoint === null).map(domain => domain.hostname)
    if (!hasTerminal(this.ui) || domains.length === 0) return without
    this.ui.header('Almost done! Which of these domains on this application would you like this certificate associated with?')
    const choices = domains.map(({hostname}) => ({value: hostname, checked: without.includes(hostname)}))
    return await chooseSeveral(this.ui, 'Select domains', choices)
  }
}
