import {BaseCommand} from '../../lib/cli/base-command.js'
import {jsonFlags} from '../../lib/cli/flags.js'
import type {StoreResult} from '../../lib/cli/trust/apply.js'
import {changeTrust} from '../../lib/cli/trust/change-trust.js'

export default class CertsTrust extends BaseCommand {
  static override description = `make this machine trust the local certificate authority
Browsers and other programs then accept https://APP.localhost and hosts under .test. The authority can certify such names alone.
Uses sudo for the system's store, without asking for a password where there is no terminal. Exits with 1 when a store could
not be changed, and says how to change it by hand.`
  static override enableJsonFlag = true
  static override flags = {...jsonFlags}

  async run(): Promise<StoreResult[]> {
    await this.parse(CertsTrust)
    const {status} = await this.connect()
    const results = await changeTrust(this.ui, status.ca_certificate, 'trust', this.env)
    this.ui.note(`Programs with a list of their own want the file: NODE_EXTRA_CA_CERTS=${status.ca_certificate}`)
    return results
  }
}
