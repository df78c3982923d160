import {createHash} from 'node:crypto'
import type {Identity} from '../../schema/certificate-chain.js'
import type {LocalAuthority} from './local-authority.js'
import type {LocalCertificates} from './local-certificates.js'
import type {SniEndpoints} from './sni-endpoints.js'

/** What TLS clients are shown for some host names. */
export interface HostCertificate {
  /** Digest of the rest: two of one name are the same. */
  name: string
  /** In lower case; `*.example.com` stands for one label more, `*` alone for clients that ask for no host that is known. */
  hosts: string[]
  /** Private key, certificate and chain. */
  pem: string
}

/** A host of an app, and the SNI endpoint that was chosen for it. */
interface Host {
  hostname: string
  sniEndpointId?: string | undefined
}

/** Says which certificate goes with which host of an app. */
export class HostCertificates {
  private readonly made = new WeakMap<Identity, HostCertificate>()

  constructor(private readonly parts: {authority: LocalAuthority; local: LocalCertificates; endpoints: SniEndpoints}) {}

  /** Of those hosts that there are certificates for; the same objects as long as nothing changes. */
  of(hosts: Host[]): HostCertificate[] {
    const {authority, local, endpoints} = this.parts
    const own = new Map<Identity, string[]>()
    const certified: string[] = []
    for (const {hostname, sniEndpointId} of hosts) {
      const identity = sniEndpointId === undefined ? undefined : endpoints.identity(sniEndpointId)
      if (identity !== undefined) own.set(identity, [...(own.get(identity) ?? []), hostname])
      else if (authority.certifies(hostname)) certified.push(hostname)
    }
    const locals = local.of(certified).map((leaf, index) => this.shownFor([certified[index] as string], leaf))
    return [...locals, ...[...own].map(([identity, names]) => this.shownFor(names, identity))]
  }

  /** Forgets what was made for other hosts. */
  keepOnly(hostnames: string[]): void {
    this.parts.local.keepOnly(new Set(hostnames))
  }

  private shownFor(hosts: string[], identity: Identity): HostCertificate {
    const known = this.made.get(identity)
    if (known !== undefined && known.hosts.join() === hosts.join()) return known
    const certificate = hostCertificate(hosts, identity)
    this.made.set(identity, certificate)
    return certificate
  }
}

/** With its name, which is always the same for the same hosts and the same text. */
export function hostCertificate(hosts: string[], {key, certificate}: Identity): HostCertificate {
  const pem = `${key.trim()}\n${certificate.trim()}\n`
  return {name: nameOf(hosts, pem), hosts, pem}
}

/** Whether this is what was given that name. */
export function isIntact({name, hosts, pem}: HostCertificate): boolean {
  return nameOf(hosts, pem) === name
}

function nameOf(hosts: string[], pem: string): string {
  return createHash('sha256')
    .update(`${hosts.join(' ')}\n${pem}`)
    .digest('hex')
    .slice(0, 20)
}
