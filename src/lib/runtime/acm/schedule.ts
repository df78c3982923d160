import {X509Certificate} from 'node:crypto'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** How long to wait after the first failure, the second and so on, in ms; after that as long as the last. Let's Encrypt takes 5 failures an hour. */
const pauses = [5 * minute, 15 * minute, hour, 4 * hour, 12 * hour, day]

/** After so many failures a domain that never had a certificate is given up; `certs:auto:refresh` begins anew. */
export const attempts = 10

/** When to try again after that many failures, or undefined when never. A certificate that exists is renewed until it works. */
export function retryAt(now: Date, failures: number, certificate: 'exists' | 'missing'): Date | undefined {
  if (certificate === 'missing' && failures >= attempts) return undefined
  const pause = pauses[Math.min(failures, pauses.length) - 1] as number
  return new Date(now.getTime() + pause)
}

/**
 * 30 days before a certificate expires; one that lives for less than 90 days, when a third of its life is left. Never sooner than that
 * long from now: where clocks disagree, a new certificate may look like an old one, and would be asked for without end.
 */
export function renewalAt(chain: string, now: Date): Date {
  const {validFrom, validTo} = new X509Certificate(chain)
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)]
  const margin = Math.min(30 * day, (to - from) / 3)
  return new Date(Math.max(to - margin, now.getTime() + margin))
}
