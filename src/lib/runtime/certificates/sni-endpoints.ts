import {randomUUID} from 'node:crypto'
import type {Identity} from '../../schema/certificate-chain.js'
import {isCaSigned} from '../../schema/certificate-chain.js'
import {PlatformError} from '../../schema/errors.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {Seal} from '../support/seal.js'
import {randomEndpointName} from '../support/words.js'

/** A certificate of an app, under a name. */
export interface SniEndpointRecord {
  id: string
  appId: string
  name: string
  /** PEM: the certificate, then who issued it. */
  chain: string
  /** Whether an authority that everybody trusts stands behind it. */
  caSigned: boolean
  /** Whether ACM made it and renews it. */
  acm: boolean
  createdAt: Date
  updatedAt: Date
}

interface Row {
  id: string
  app_id: string
  name: string
  certificate_chain: string
  private_key_sealed: string
  ca_signed: number
  acm: number
  created_at: string
  updated_at: string
}

export class SniEndpoints {
  /** What the router asks for again and again; an object lasts until its endpoint changes. */
  private readonly identities = new Map<string, Identity>()

  constructor(private readonly parts: {store: Store; seal: Seal; clock: Clock}) {}

  list(appId: string): SniEndpointRecord[] {
    return this.parts.store.all<Row>('SELECT * FROM sni_endpoints WHERE app_id = ? ORDER BY name', appId).map(fromRow)
  }

  find(appId: string, nameOrId: string): SniEndpointRecord | undefined {
    const row = this.parts.store.get<Row>(
      'SELECT * FROM sni_endpoints WHERE app_id = ? AND (name = ? OR id = ?)',
      appId,
      nameOrId,
      nameOrId,
    )
    return row === undefined ? undefined : fromRow(row)
  }

  /** Throws not_found. */
  resolve(appId: string, nameOrId: string): SniEndpointRecord {
    const found = this.find(appId, nameOrId)
    if (found === undefined) throw new PlatformError('not_found', "Couldn't find that SNI endpoint.")
    return found
  }

  create(appId: string, {certificate, key}: Identity, kind: 'acm' | 'manual'): SniEndpointRecord {
    const {store, seal, clock} = this.parts
    const id = randomUUID()
    const now = clock.now().toISOString()
    store.run(
      `INSERT INTO sni_endpoints (id, app_id, name, certificate_chain, private_key_sealed, ca_signed, acm, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, appId, this.freeName(), certificate, seal.seal(key), isCaSigned(certificate) ? 1 : 0, kind === 'acm' ? 1 : 0, now, now],
    )
    return this.resolve(appId, id)
  }

  /** Another certificate under the same name. */
  update({id, appId}: SniEndpointRecord, {certificate, key}: Identity, kind: 'acm' | 'manual'): SniEndpointRecord {
    const {store, seal, clock} = this.parts
    store.run(
      'UPDATE sni_endpoints SET certificate_chain = ?, private_key_sealed = ?, ca_signed = ?, acm = ?, updated_at = ? WHERE id = ?',
      ...[certificate, seal.seal(key), isCaSigned(certificate) ? 1 : 0, kind === 'acm' ? 1 : 0, clock.now().toISOString(), id],
    )
    this.identities.delete(id)
    return this.resolve(appId, id)
  }

  /** Domains that used it are left without one. */
  remove({id}: SniEndpointRecord): void {
    this.parts.store.run('DELETE FROM sni_endpoints WHERE id = ?', id)
    this.identities.delete(id)
  }

  /** The certificate with its key; the same object until the endpoint changes. Undefined when there is none of that id. */
  identity(id: string): Identity | undefined {
    const known = this.identities.get(id)
    if (known !== undefined) return known
    const row = this.parts.store.get<Row>('SELECT * FROM sni_endpoints WHERE id = ?', id)
    if (row === undefined) return undefined
    const identity = {certificate: row.certificate_chain, key: this.parts.seal.open(row.private_key_sealed)}
    this.identities.set(id, identity)
    return identity
  }

  private freeName(): string {
    for (;;) {
      const name = randomEndpointName()
      if (this.parts.store.get('SELECT id FROM sni_endpoints WHERE name = ?', name) === undefined) return name
    }
  }
}

function fromRow(row: Row): SniEndpointRecord {
  return {
    id: row.id,
    appId: row.app_id,
    name: row.name,
    chain: row.certificate_chain,
    caSigned: row.ca_signed === 1,
    acm: row.acm === 1,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  }
}
