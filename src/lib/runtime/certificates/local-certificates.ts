import type {Identity} from '../../schema/certificate-chain.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {RuntimeLog} from '../support/runtime-log.js'
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

  constructor(private readonly parts: {store: Store; seal: Seal; clock: Clock; log: RuntimeLog; authority: LocalAuthority}) {}

  /** Of each of these hosts; the same object until it is renewed. */
  of(hostnames: string[]): Leaf[] {
    const missing = hostnames.filter(hostname => !this.has(hostname))
    for (const hostname of missing) this.leaves.set(hostname, this.parts.authority.issue([hostname]))
    if (missing.length > 0) this.keep(missing)
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

  /** A disk that is full shall keep no app from being served: the next runtime makes others then. */
  private keep(hostnames: string[]): void {
    const {store, log} = this.parts
    try {
      store.transaction(() => {
        for (const hostname of hostnames) this.write(hostname, this.leaves.get(hostname) as Leaf)
      })
    } catch (error) {
      log.error('local certificates could not be kept', {hosts: hostnames.join(' '), error})
    }
  }

  private write(hostname: string, {key, certificate, until}: Leaf): void {
    this.parts.store.run(
      `INSERT INTO local_certificates (hostname, identity_sealed, used_until) VALUES (?, ?, ?)
       ON CONFLICT (hostname) DO UPDATE SET identity_sealed = excluded.identity_sealed, used_until = excluded.used_until`,
      ...[hostname, this.parts.seal.seal(JSON.stringify({key, certificate})), until.toISOString()],
    )
  }
}
