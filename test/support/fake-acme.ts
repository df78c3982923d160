import type {AcmDeps} from '../../src/lib/runtime/acm/acm.js'
import {IssueError} from '../../src/lib/runtime/acm/certificate-authority.js'
import {type Clock, systemClock} from '../../src/lib/runtime/support/clock.js'
import {type TestAuthority, testAuthority} from './certificates.js'

export type FakeAcme = Pick<AcmDeps, 'authority' | 'assertResolves'> & {
  /** Hosts it was asked about, in order. */
  asked: string[]
  /** Why a host gets no certificate, by host. */
  refused: Map<string, string>
  /** Hosts that DNS does not know. */
  unknown: Set<string>
}

/** A certificate authority and a DNS that believe every host, but for those they are told not to. Certificates are for 90 days. */
export function fakeAcme(clock: Clock = systemClock): FakeAcme {
  let made: TestAuthority | undefined
  const authority = (): TestAuthority => (made ??= testAuthority())
  const acme: FakeAcme = {
    asked: [],
    refused: new Map(),
    unknown: new Set(),
    async assertResolves(hostname) {
      if (acme.unknown.has(hostname)) throw new IssueError(`DNS has no A or AAAA record for ${hostname}`)
    },
    authority: {
      async issue(hostname, onProven) {
        acme.asked.push(hostname)
        const why = acme.refused.get(hostname)
        if (why !== undefined) throw new IssueError(why)
        onProven()
        const now = clock.now().getTime()
        return authority().issue([hostname], {from: new Date(now - 3_600_000), to: new Date(now + 90 * 86_400_000 - 3_600_000)})
      },
    },
  }
  return acme
}
