import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {readText} from '../../lib/cli/certificates.js'
import {readChain} from '../../lib/schema/certificate-chain.js'

export default class CertsChain extends BaseCommand {
  static override description = `print the ordered chain of a certificate
Takes files in PEM, each with one certificate or more, and prints the certificate and who issued it, in the order in which
servers send them and without the root. Says on stderr when an issuer is missing. Needs no runtime.`
  static override examples = ['<%= config.bin %> certs:chain example.com.crt intermediate.crt > chain.pem']
  static override strict = false
  static override args = {CRT: string({description: 'path of a certificate file; any number of them', required: true})}

  async run(): Promise<void> {
    const {argv} = await this.parse(CertsChain)
    const texts = await Promise.all((argv as string[]).map(readText))
    const {certificate, missing} = readChain(texts.join('\n'))
    this.ui.log(certificate.trimEnd())
    if (missing !== undefined) this.ui.warn(`The chain is not complete: the certificate of ${missing} is missing.`)
  }
}
