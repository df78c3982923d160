import {type HostCertificate, hostCertificate} from '../../src/lib/runtime/certificates/host-certificates.js'
import {makeAuthority, makeLeaf, type Validity} from '../../src/lib/runtime/support/x509.js'
import type {Identity} from '../../src/lib/schema/certificate-chain.js'

const day = 86_400_000

/** From as many days ago as until in the future. */
export function days(from: number, to: number): Validity {
  return {from: new Date(Date.now() - from * day), to: new Date(Date.now() + to * day)}
}

/** An authority for tests, and what it certifies. */
export interface TestAuthority {
  /** PEM. */
  certificate: string
  issue(names: string[], validity?: Validity): Identity
  /** As the router takes it. */
  shownFor(hosts: string[], names?: string[], validity?: Validity): HostCertificate
}

export function testAuthority(permitted = ['localhost', '127.0.0.1', 'test', 'example']): TestAuthority {
  const authority = makeAuthority('Test authority', permitted, days(1, 365))
  const {signer} = authority
  const issue = (names: string[], validity = days(1, 90)): Identity => makeLeaf(signer, names, validity)
  return {
    certificate: authority.certificate,
    issue,
    shownFor: (hosts, names = hosts, validity = days(1, 90)) => hostCertificate(hosts, issue(names, validity)),
  }
}
