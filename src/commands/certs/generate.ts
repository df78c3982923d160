import {string} from '@oclif/core/args'
import {boolean, string as stringFlag} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError, exitCodes} from '../../lib/cli/command-error.js'
import {appFlags} from '../../lib/cli/flags.js'
import {runLocal} from '../../lib/cli/local-program.js'
import {ask} from '../../lib/cli/prompts.js'

interface Owner {
  country?: string | undefined
  area?: string | undefined
  city?: string | undefined
  owner?: string | undefined
}

export default class CertsGenerate extends BaseCommand {
  static override description = `generate a key and a CSR or self-signed certificate
Writes DOMAIN.key and DOMAIN.csr, or DOMAIN.crt, into this directory, with openssl. Asks for information to put into the certificate
unless --now is used, or at least one of the --subject, --owner, --country, --area, or --city options is specified.`
  static override examples = ['<%= config.bin %> certs:generate www.example.com --now --selfsigned --app demo']
  static override args = {domain: string({description: 'domain name to generate', required: true})}
  static override flags = {
    ...appFlags,
    selfsigned: boolean({description: 'generate a self-signed certificate instead of a CSR'}),
    keysize: stringFlag({description: 'RSA key size in bits', default: '2048'}),
    owner: stringFlag({description: 'name of organization certificate belongs to'}),
    country: stringFlag({description: 'country of owner, as a two-letter ISO country code'}),
    area: stringFlag({description: 'sub-country area (state, province, etc.) of owner'}),
    city: stringFlag({description: 'city of owner'}),
    subject: stringFlag({description: 'specify entire certificate subject'}),
    now: boolean({description: 'do not prompt for any owner information'}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(CertsGenerate)
    const {domain} = args
    const {platform, app} = await this.target(flags)
    const endpoints = await platform.sniEndpoints.list(app)
    const command = endpoints.some(({ssl_cert}) => ssl_cert.cert_domains.includes(domain)) ? 'update' : 'add'
    const named = flags.owner ?? flags.country ?? flags.area ?? flags.city
    const owner = flags.now || flags.subject !== undefined || named !== undefined ? flags : await this.askOwner()
    const subject = flags.subject ?? subjectOf(domain, owner)
    const key = `${domain}.key`
    const request = `${domain}.${flags.selfsigned ? 'crt' : 'csr'}`
    const kind = flags.selfsigned ? ['-x509', '-days', '365', '-addext', `subjectAltName=DNS:${domain}`] : []
    await this.openssl([
      'req',
      '-new',
      '-newkey',
      `rsa:${flags.keysize}`,
      '-nodes',
      '-keyout',
      key,
      '-out',
      request,
      '-subj',
      subject,
      ...kind,
    ])
    const {err} = this.ui
    if (flags.selfsigned) this.ui.note(`Your key and self-signed certificate have been generated.\nNext, run:`)
    else {
      this.ui.note('Your key and certificate signing request have been generated.')
      this.ui.note(`Submit the CSR in '${request}' to your preferred certificate authority.`)
      this.ui.note("When you've received your certificate, run:")
    }
    this.ui.note(err.command(`$ hokku certs:${command} ${flags.selfsigned ? request : 'CERTFILE'} ${key}`))
  }

  private async askOwner(): Promise<Owner> {
    return {
      owner: await ask(this.ui, 'Owner of this certificate'),
      country: await ask(this.ui, 'Country of owner (two-letter ISO code)'),
      area: await ask(this.ui, 'State/province/etc. of owner'),
      city: await ask(this.ui, 'City of owner'),
    }
  }

  private async openssl(args: string[]): Promise<void> {
    const code = await runLocal({program: 'openssl', args, env: this.env})
    if (code === undefined) throw new CommandError('openssl is not installed, and makes keys and requests.', {id: 'no_openssl'})
    if (code !== 0) throw new CommandError(`openssl ended with ${code}.`, {id: 'openssl_failed', exit: exitCodes.failure})
  }
}

/** As openssl reads it, where a slash begins the next part. */
function subjectOf(domain: string, {country, area, city, owner}: Owner): string {
  const parts = {C: country, ST: area, L: city, O: owner, CN: domain}
  return Object.entries(parts)
    .map(([name, value]) => (value ? `/${name}=${value.replaceAll('/', '\\/')}` : ''))
    .join('')
}
