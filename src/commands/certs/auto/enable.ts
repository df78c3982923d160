import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {waitForCertificates} from '../../../lib/cli/certificates.js'
import {appFlags} from '../../../lib/cli/flags.js'

export default class CertsAutoEnable extends BaseCommand {
  static override description = `enable ACM status for an app
Gets a certificate for each custom domain from Let's Encrypt, whose terms of service you accept by this, and renews it.`
  static override flags = {...appFlags, wait: boolean({description: 'watch ACM status and exit when complete'})}

  async run(): Promise<void> {
    const {flags} = await this.parse(CertsAutoEnable)
    const {platform, app} = await this.target(flags)
    const {out, err} = this.ui
    const hint = flags.wait
      ? ''
      : ` See status with ${err.command('hokku certs:auto')} or wait until active with ${err.command('hokku certs:auto --wait')}`
    await this.ui.action(
      'Enabling Automatic Certificate Management',
      () => platform.acm.enable(app),
      () => `starting.${hint}`,
    )
    if (flags.wait) await waitForCertificates(this.ui, platform, app)
    this.ui.header(`Your certificate will now be managed by hokku. Check the status by running ${out.command('hokku certs:auto')}.`)
  }
}
