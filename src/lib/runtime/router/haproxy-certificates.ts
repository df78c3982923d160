import {readdir, readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {type HostCertificate, isIntact} from '../certificates/host-certificates.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {AdminSocket} from './admin-socket.js'
import {certificatePath, listLine, listPath, parseList, planCertificates} from './certificate-list.js'
import {reload} from './haproxy-backends.js'
import type {RunningHaproxy} from './haproxy-container.js'
import {type HaproxyFiles, makePrivateToGroup, writeFiles} from './haproxy-directory.js'

const listName = 'certs.list'

/**
 * The certificates that HAProxy shows: a file each, named by its content, and a list of them. Changes go over the admin socket, many at
 * once by a reload. The list on disk has only what HAProxy took, for with one that it refuses it would not start.
 */
export class HaproxyCertificates {
  /** Names of what was applied last. */
  private applied: Set<string> | undefined

  constructor(
    private readonly directory: HaproxyFiles,
    private readonly log: RuntimeLog,
  ) {}

  /** Files to start with: those of last time as far as they are intact, and the router's own certificate in any case. */
  async prepare(own: HostCertificate): Promise<void> {
    await makePrivateToGroup(this.directory.certificates)
    const kept = await Promise.all([...parseList(await readText(join(this.directory.files, listName)))].map(one => this.read(...one)))
    const intact = kept.filter(one => one !== undefined)
    const all = intact.some(one => one.hosts.includes('*')) ? intact : [own, ...intact]
    await this.writeCertificates(all)
    await this.writeList(all)
    this.applied = undefined
  }

  /** Shows these and no others. Resolves with whether HAProxy was reloaded for it. */
  async apply(wanted: HostCertificate[], haproxy: RunningHaproxy): Promise<boolean> {
    if (this.applied?.size === wanted.length && wanted.every(one => this.applied?.has(one.name))) return false
    const observed = parseList(await haproxy.admin.send(`show ssl crt-list -n ${listPath}`))
    const plan = planCertificates(observed, wanted)
    await this.writeCertificates(plan.added)
    const reloaded = plan.how === 'reload' && (await this.reloadWith(wanted, haproxy))
    const refused = reloaded ? [] : await this.addEach(plan.added, haproxy.admin)
    if (!reloaded) {
      await this.writeList(wanted.filter(one => !refused.includes(one)))
      for (const name of plan.removed) await removeOne(haproxy.admin, name)
    }
    this.applied = new Set(wanted.map(one => one.name))
    await this.sweep(this.applied)
    return reloaded
  }

  /** False, and all as before, when HAProxy refuses the list for the sake of one of them. */
  private async reloadWith(wanted: HostCertificate[], haproxy: RunningHaproxy): Promise<boolean> {
    const before = await readText(join(this.directory.files, listName))
    await this.writeList(wanted)
    try {
      await reload(haproxy)
      return true
    } catch (error) {
      this.log.error('HAProxy refused a list of certificates; they are tried one by one', {error})
      await writeFiles(this.directory.files, {[listName]: before})
      return false
    }
  }

  private async addEach(added: HostCertificate[], admin: AdminSocket): Promise<HostCertificate[]> {
    const refused: HostCertificate[] = []
    for (const certificate of added) {
      try {
        await addOne(admin, certificate)
      } catch (error) {
        refused.push(certificate)
        for (const command of ['abort', 'del']) await admin.send(`${command} ssl cert ${certificatePath(certificate.name)}`)
        this.log.error('HAProxy refused a certificate', {hosts: certificate.hosts.join(' '), error})
      }
    }
    return refused
  }

  private async read(name: string, hosts: string[]): Promise<HostCertificate | undefined> {
    const certificate = {name, hosts, pem: await readText(join(this.directory.certificates, `${name}.pem`))}
    return isIntact(certificate) ? certificate : undefined
  }

  private async writeCertificates(certificates: HostCertificate[]): Promise<void> {
    await writeFiles(this.directory.certificates, Object.fromEntries(certificates.map(({name, pem}) => [`${name}.pem`, pem])))
  }

  private async writeList(certificates: HostCertificate[]): Promise<void> {
    // HAProxy shows the first one to clients that ask for no host.
    const inOrder = [...certificates.filter(one => one.hosts.includes('*')), ...certificates.filter(one => !one.hosts.includes('*'))]
    await writeFiles(this.directory.files, {[listName]: inOrder.map(one => `${listLine(one)}\n`).join('')})
  }

  /** Keys that are not used any more shall not lie around. */
  private async sweep(names: Set<string>): Promise<void> {
    for (const file of await readdir(this.directory.certificates))
      if (!names.has(file.replace(/\.pem$/, ''))) await rm(join(this.directory.certificates, file), {force: true})
  }
}

async function addOne(admin: AdminSocket, certificate: HostCertificate): Promise<void> {
  const path = certificatePath(certificate.name)
  await send(admin, `new ssl cert ${path}`, /New empty certificate store|already exists/)
  await send(admin, `set ssl cert ${path} <<\n${certificate.pem}`, /Transaction (created|updated)/)
  await send(admin, `commit ssl cert ${path}`, /Success!/)
  await send(admin, `add ssl crt-list ${listPath} <<\n${listLine(certificate)}\n`, /Success!/)
}

async function removeOne(admin: AdminSocket, name: string): Promise<void> {
  await send(admin, `del ssl crt-list ${listPath} ${certificatePath(name)}`, /deleted in crtlist/)
  await send(admin, `del ssl cert ${certificatePath(name)}`, /deleted!/)
}

async function send(admin: AdminSocket, command: string, success: RegExp): Promise<void> {
  const answer = await admin.send(command)
  if (!success.test(answer)) throw new Error(`HAProxy answered ${answer.trim()} to ${command.split(' <<')[0]}`)
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return ''
  }
}
