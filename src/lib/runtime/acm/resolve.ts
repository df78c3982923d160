import {Resolver} from 'node:dns/promises'
import {IssueError} from './certificate-authority.js'

/**
 * Rejects with an IssueError when DNS has no address for a host name: the authority, which would look for one too, counts failures.
 * `server` (`address` or `address:port`) is asked instead of the system's name servers.
 */
export async function assertResolves(hostname: string, server?: string): Promise<void> {
  const resolver = new Resolver({timeout: 5_000, tries: 2})
  if (server) resolver.setServers([server])
  const results = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
  if (results.some(result => result.status === 'fulfilled')) return
  const codes = results.map(result => (result.status === 'rejected' ? (result.reason as NodeJS.ErrnoException).code : ''))
  if (codes.every(code => code === 'ENOTFOUND' || code === 'ENODATA')) throw new IssueError(`DNS has no A or AAAA record for ${hostname}`)
  throw new IssueError(`DNS does not answer for ${hostname} (${[...new Set(codes)].join(', ')})`)
}
