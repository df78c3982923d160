import {BaseCommand} from '../../lib/cli/base-command.js'
import {jsonFlags} from '../../lib/cli/flags.js'
import type {StoreResult} from '../../lib/cli/trust/apply.js'
import {changeTrust} from '../../lib/cli/trust/change-trust.js'

export default class CertsUntrust extends BaseCommand {
  static override description = 'make this machine forget the local certificate authority\nTakes back what certs:trust did.'
  static override enableJsonFlag = true
  static override flags = {...jsonFlags}

  async run(): Promise<StoreResult[]> {
    await this.parse(CertsUntrust)
    const {status} = await this.connect()
    return await changeTrust(this.ui, status.ca_certificate, 'untrust', this.env)
  }
}
