import {readFile} from 'node:fs/promises'
import type {Platform} from '../client/platform.js'
import {poll} from '../client/poll.js'
import type {CertificateAndKey} from '../client/sni-endpoints.js'
import type {Domain, SniEndpoint} from '../schema/resources.js'
import {CommandError} from './command-error.js'
import {certificateFacts, renewalTime, trustLine} from './formats/certificates.js'
import type {Ui} from './ui.js'

/** Throws CommandError naming the file that cannot be read. */
export async function readCertificateFiles(certificate: string, key: string): Promise<CertificateAndKey> {
  return {certificate_chain: await readText(certificate), private_key: await readText(key)}
}

export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}.`, {
      id: 'file_not_read',
    })
  }
}

/** The endpoint that is meant: by its name, by a domain that uses it, or the only one. Throws CommandError. */
export async function findEndpoint(
  platform: Platform,
  app: string,
  {name, endpoint}: {name?: string | undefined; endpoint?: string | undefined},
): Promise<SniEndpoint> {
  if (name !== undefined && endpoint !== undefined) throw new CommandError('Specified both --name and --endpoint, please use just one')
  const all = await platform.sniEndpoints.list(app)
  if (all.length === 0) throw new CommandError(`${app} has no SSL certificates`, {id: 'not_found'})
  const used = endpoint === undefined ? undefined : (await platform.domains.list(app)).find(({hostname}) => hostname === endpoint)
  const fitting = all.filter(
    one => (name === undefined || one.name === name) && (endpoint === undefined || one.id === used?.sni_endpoint?.id),
  )
  if (fitting.length > 1) throw new CommandError('Must pass --name when more than one endpoint')
  const [found] = fitting
  if (found === undefined) throw new CommandError('Record not found.', {id: 'not_found'})
  return found
}

/** `Certificate details:` and what the certificate says. */
export function showCertificate(ui: Ui, endpoint: SniEndpoint, title = 'Certificate details:', hostnames: string[] = []): void {
  const renewal = renewalTime(endpoint, new Date())
  if (renewal !== undefined) ui.log(`Renewal scheduled for ${ui.out.date(renewal)}.\n`)
  ui.log(title)
  ui.object(certificateFacts(endpoint, hostnames))
  ui.log(trustLine(endpoint))
}

/** Waits until Automatic Certificate Management is done with every domain. Throws when it gave one up. */
export async function waitForCertificates(ui: Ui, platform: Platform, app: string): Promise<void> {
  const ask = async (): Promise<Domain[]> => (await platform.domains.list(app)).filter(isManaged)
  const isDone = (domains: Domain[]): boolean => domains.every(({acm_status}) => acm_status === 'cert issued' || acm_status === 'failed')
  const check = (domains: Domain[]): void => {
    if (domains.some(({acm_status}) => acm_status === 'failed'))
      throw new CommandError('ACM not enabled for some domains', {id: 'acm_failed', suggestions: ['hokku certs:auto']})
  }
  const first = await ask()
  if (isDone(first)) return check(first)
  await ui.action('Waiting until the certificate is issued to all domains', async () => check(await poll(ask, isDone, 2)))
}

/** A domain with a certificate of the user's is none of ACM's business, and never gets a status. */
function isManaged({kind, acm_status, sni_endpoint}: Domain): boolean {
  return kind === 'custom' && (acm_status !== null || sni_endpoint === null)
}
