import {factsOf} from '../../../schema/certificate-chain.js'
import type {SniEndpoint} from '../../../schema/resources.js'
import type {AppRecord} from '../../apps/app-record.js'
import type {SniEndpointRecord} from '../../certificates/sni-endpoints.js'
import type {DomainRecord} from '../../domains/domains.js'
import {isoSeconds} from '../../support/clock.js'
import {stableId} from './ids.js'

/** `domains`: all of the app. */
export function serializeSniEndpoint(endpoint: SniEndpointRecord, app: AppRecord, domains: DomainRecord[]): SniEndpoint {
  const facts = factsOf(endpoint.chain)
  return {
    app: {id: app.id, name: app.name},
    certificate_chain: endpoint.chain,
    created_at: isoSeconds(endpoint.createdAt),
    display_name: null,
    domains: domains.filter(domain => domain.sniEndpointId === endpoint.id).map(domain => domain.id),
    id: endpoint.id,
    name: endpoint.name,
    ssl_cert: {
      acm: endpoint.acm,
      'ca_signed?': endpoint.caSigned,
      cert_domains: facts.domains,
      expires_at: isoSeconds(facts.expiresAt),
      id: stableId('ssl-cert', endpoint.chain),
      issuer: facts.issuer,
      'self_signed?': facts.selfSigned,
      starts_at: isoSeconds(facts.startsAt),
      subject: facts.subject,
    },
    updated_at: isoSeconds(endpoint.updatedAt),
  }
}
