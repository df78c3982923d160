import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {certificateColumns} from '../../lib/cli/formats/certificates.js'
import type {SniEndpoint} from '../../lib/schema/resources.js'

export default class Certs extends BaseCommand {
  static override description = 'list SSL certificates for an app'
  static override enableJsonFlag = true
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<SniEndpoint[]> {
    const {flags} = await this.parse(Certs)
    const {platform, app} = await this.target(flags)
    const endpoints = await platform.sniEndpoints.list(app)
    if (this.jsonEnabled()) return endpoints
    const {out} = this.ui
    if (endpoints.length > 0) await this.ui.table(endpoints, certificateColumns(endpoints))
    else this.ui.log(`${out.app(app)} has no SSL certificates.\nUse ${out.command('hokku certs:add CRT KEY')} to add one.`)
    return endpoints
  }
}
