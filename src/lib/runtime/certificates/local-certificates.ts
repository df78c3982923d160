import type {Identity} from '../../schema/certificate-chain.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {Seal} from '../support/seal.js'
import {isFresh, type Leaf, type LocalAuthority} from './local-authority.js'

interface Row {
  hostname: string
  identity_sealed: string
  used_until: string
}

/** One certificate of the local authority for each host that it certifies, made when it is first asked for. */
export class LocalCertificates {
  private readonly leaves = new Map<string, Leaf>()

  constructor(private readonly parts: {store: Store; seal: Seal; clock: Clock; authority: LocalAuthority}) {}

  /** Of each of these hosts; the same object until it is renewed. */
  of(hostnames: string[]): Leaf[] {
    const missing = hostnames.filter(hostname => !this.has(hostname))
    if (missing.length > 0) this.parts.store.transaction(() => missing.map(hostname => this.make(hostname)))
    return hostnames.map(hostname => this.leaves.get(hostname) as Leaf)
  }

  /** Forgets those of all other hosts. */
  keepOnly(hostnames: Set<string>): void {
    const {store} = this.parts
    for (const {hostname} of store.all<Row>('SELECT hostname FROM local_certificates')) {
      if (hostnames.has(hostname)) continue
      this.leaves.delete(hostname)
      store.run('DELETE FROM local_certificates WHERE hostname = ?', hostname)
    }
  }

  private has(hostname: string): boolean {
    const {store, seal, clock} = this.parts
    const known = this.leaves.get(hostname)
    if (known !== undefined) return isFresh(known, clock)
    const row = store.get<Row>('SELECT * FROM local_certificates WHERE hostname = ?', hostname)
    if (row === undefined) return false
    const leaf = {...(JSON.parse(seal.open(row.identity_sealed)) as Identity), until: new Date(row.used_until)}
    if (!isFresh(leaf, clock)) return false
    this.leaves.set(hostname, leaf)
    return true
  }

  private make(hostname: string): void {
    const {store, seal, authority} = this.parts
    const leaf = authority.issue([hostname])
    const sealed = seal.seal(JSON.stringify({key: leaf.key, certificate: leaf.certificate}))
    store.run(
      `INSERT INTO local_certificates (hostname, identity_sealed, used_until) VALUES (?, ?, ?)
       ON CONFLICT (hostname) DO UPDATE SET identity_sealed = excluded.identity_sealed, used_until = excluded.used_until`,
      ...[hostname, sealed, leaf.until.toISOString()],
    )
    this.leaves.set(hostname, leaf)
  }
}
