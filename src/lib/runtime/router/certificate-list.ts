import type {HostCertificate} from '../certificates/host-certificates.js'

/** HAProxy's list of certificates, as it sees the file. */
export const listPath = '/hokku/certs.list'

/** Name of a certificate → hosts it is shown for. */
export type CertificateList = Map<string, string[]>

/** How many are told HAProxy one by one; more are one reload. */
const fewAtOnce = 16

export interface CertificatePlan {
  added: HostCertificate[]
  /** Names. */
  removed: string[]
  how: 'commands' | 'reload'
}

/** Path of a certificate's file as HAProxy sees it. */
export function certificatePath(name: string): string {
  return `/hokku/certs/${name}.pem`
}

/** The line of one certificate. A host with any other character cannot be asked for, and would be an instruction to HAProxy. */
export function listLine({name, hosts}: Pick<HostCertificate, 'name' | 'hosts'>): string {
  return `${certificatePath(name)} ${hosts.filter(host => /^[a-z0-9*._-]+$/.test(host)).join(' ')}`
}

/** Reads the list's file, or what HAProxy answers to `show ssl crt-list -n`. */
export function parseList(text: string): CertificateList {
  const entries = text.split('\n').flatMap(line => {
    const [, name, hosts] = /^\/hokku\/certs\/(\w+)\.pem(?::\d+)? (.+)$/.exec(line.trim()) ?? []
    return name === undefined || hosts === undefined ? [] : [[name, hosts.trim().split(' ')] as const]
  })
  return new Map(entries)
}

/** What turns the list that is into the one that is wanted. HAProxy cannot take back the certificate for everybody (`*`) without a reload. */
export function planCertificates(observed: CertificateList, wanted: HostCertificate[]): CertificatePlan {
  const names = new Set(wanted.map(one => one.name))
  const added = wanted.filter(one => !observed.has(one.name))
  const removed = [...observed.keys()].filter(name => !names.has(name))
  const forEverybody = added.some(one => one.hosts.includes('*')) || removed.some(name => observed.get(name)?.includes('*'))
  return {added, removed, how: forEverybody || added.length + removed.length > fewAtOnce ? 'reload' : 'commands'}
}
