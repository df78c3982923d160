import type {Identity} from '../../schema/certificate-chain.js'

/** Issues certificates to whoever proves that a host name is theirs. */
export interface CertificateAuthority {
  /**
   * Gets a certificate for a host name, with a new key. `onProven` is called when the proof was accepted. Rejects with an IssueError that
   * says why there is none.
   */
  issue(hostname: string, onProven: () => void): Promise<Identity>
}

/** Why a domain has no certificate, in words for its owner. */
export class IssueError extends Error {
  override name = 'IssueError'
}
