import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {findEndpoint, showCertificate} from '../../lib/cli/certificates.js'
import {appFlags, endpointFlags, jsonFlags} from '../../lib/cli/flags.js'
import type {SniEndpoint} from '../../lib/schema/resources.js'

export default class CertsInfo extends BaseCommand {
  static override description = 'show certificate information for an SSL certificate'
  static override examples = ['<%= config.bin %> certs:info --name tokyo-10503 --show-domains --app demo']
  static override enableJsonFlag = true
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    ...endpointFlags,
    'show-domains': boolean({description: 'show associated domains'}),
  }

  async run(): Promise<SniEndpoint> {
    const {flags} = await this.parse(CertsInfo)
    const {platform, app} = await this.target(flags)
    const endpoint = await findEndpoint(platform, app, flags)
    if (this.jsonEnabled()) return endpoint
    await this.ui.action(`Fetching SSL certificate ${endpoint.name} info for ${this.ui.err.app(app)}`, async () => undefined)
    const domains = flags['show-domains'] ? await platform.domains.list(app) : []
    const hostnames = domains.flatMap(({hostname, sni_endpoint}) => (sni_endpoint?.id === endpoint.id ? [hostname] : [])).sort()
    showCertificate(this.ui, endpoint, 'Certificate details:', hostnames)
    return endpoint
  }
}
