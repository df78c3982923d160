import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {showCertificate, waitForCertificates} from '../../../lib/cli/certificates.js'
import {appFlags, jsonFlags} from '../../../lib/cli/flags.js'
import {acmStatus} from '../../../lib/cli/formats/certificates.js'
import {distance} from '../../../lib/cli/formats/time.js'
import type {Domain, SniEndpoint} from '../../../lib/schema/resources.js'

export default class CertsAuto extends BaseCommand {
  static override description = 'show ACM status for an app'
  static override enableJsonFlag = true
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    wait: boolean({description: 'watch ACM status and display the status when complete'}),
  }

  async run(): Promise<{acm: boolean; domains: Domain[]}> {
    const {flags} = await this.parse(CertsAuto)
    const {platform, app} = await this.target(flags)
    const [{acm}, endpoints] = await Promise.all([platform.apps.info(app), platform.sniEndpoints.list(app)])
    if (!this.jsonEnabled()) this.showState(app, acm, endpoints)
    // What became of them is in the table.
    if (acm && flags.wait) await waitForCertificates(this.ui, platform, app).catch(() => undefined)
    const domains = acm ? (await platform.domains.list(app)).filter(({kind}) => kind === 'custom') : []
    if (acm && !this.jsonEnabled()) await this.showDomains(domains)
    return {acm, domains}
  }

  private showState(app: string, acm: boolean, endpoints: SniEndpoint[]): void {
    const {out} = this.ui
    this.ui.header(`Automatic Certificate Management is ${acm ? 'enabled' : 'disabled'} on ${out.app(app)}`)
    const [only] = endpoints
    if (!acm || endpoints.length !== 1 || !only?.ssl_cert.acm) return
    showCertificate(this.ui, only)
    this.ui.log()
  }

  private async showDomains(domains: Domain[]): Promise<void> {
    const message = this.advice(domains)
    if (domains.length > 0) {
      const hasReason = domains.some(({acm_status_reason}) => acm_status_reason !== null)
      await this.ui.table(domains, {
        Domain: ({hostname}) => hostname,
        Status: ({acm_status}) => acmStatus(acm_status),
        ...(hasReason ? {Reason: ({acm_status_reason}: Domain) => acm_status_reason ?? ''} : {}),
        'Last Updated': ({updated_at}) => distance(new Date(updated_at), new Date()),
      })
      if (message !== undefined) this.ui.log()
    }
    if (message !== undefined) this.ui.header(message)
  }

  private advice(domains: Domain[]): string | undefined {
    const {command} = this.ui.out
    if (domains.length === 0) return `Add a custom domain to your app by running: ${command('hokku domains:add <yourdomain.com>')}`
    if (domains.some(({acm_status}) => acm_status === 'failed'))
      return `Some domains failed validation after multiple attempts, retry by running: ${command('hokku certs:auto:refresh')}`
    if (domains.some(({acm_status}) => acm_status === 'failing'))
      return `Some domains are failing validation, please verify that your DNS matches: ${command('hokku domains')}`
    return undefined
  }
}
