/** Why the outside could not be had, as people say it, and what helps. */
export interface Diagnosis {
  reason: string
  next: string[]
}

const proxy = 'Behind a company proxy: HTTPS_PROXY=URL hokku runtime:restart'

/** What clients of all languages say (apt, npm, Go, curl, Maven, pip …), the surest signs first. */
const signs: {pattern: RegExp; diagnosis: (host: string) => Diagnosis}[] = [
  {
    pattern: /no space left on device|ENOSPC|don't have enough free space|disk quota exceeded/i,
    diagnosis: () => ({reason: 'the disk of the engine is full', next: ['To make room: hokku builds:prune']}),
  },
  {
    pattern:
      /self.signed certificate|certificate (signed by unknown|verif|is not trusted)|unable to get local issuer|x509: |SSL certificate|PKIX path/i,
    diagnosis: host => ({
      reason: `the certificate of ${host} is not trusted: something between here and there may open TLS`,
      next: ['Name its authority: NODE_EXTRA_CA_CERTS=FILE.pem hokku runtime:restart'],
    }),
  },
  {
    pattern: /\b(response|error:?|status) 407\b|407 proxy|proxy authentication required/i,
    diagnosis: () => ({
      reason: 'the proxy wants a name and a password',
      next: ['HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT hokku runtime:restart'],
    }),
  },
  {
    pattern:
      /failure (in name )?resolution|temporary failure resolving|could not resolve|no such host|EAI_AGAIN|ENOTFOUND|UnknownHost|server misbehaving/i,
    diagnosis: host => ({
      reason: `the name of ${host} could not be looked up`,
      next: ['Check that this machine is online, and that names resolve in containers ("dns" in Docker’s daemon.json).', proxy],
    }),
  },
  {
    pattern:
      /connection (refused|timed out|reset)|ECONNREFUSED|ECONNRESET|ETIMEDOUT|unable to connect|could(n't| not) connect|network is unreachable|ENETUNREACH|no route to host|i\/o timeout|(TLS handshake|operation|connection|read) time(d )?out/i,
    diagnosis: host => ({
      reason: `${host} could not be reached`,
      next: ['Check that this machine is online and that no firewall is in the way.', proxy],
    }),
  },
  {
    pattern: /\b(403 +forbidden|429 +too many|50[0234] +[a-z])|(answered with|returned error:|response) (403|429|50[0234])\b/i,
    diagnosis: host => ({reason: `${host} refused to answer`, next: ['Try again later.']}),
  },
]

/** What the last words of a program that needs the outside mean; undefined when they mean nothing of the kind. */
export function diagnosed(said: readonly string[]): Diagnosis | undefined {
  for (const {pattern, diagnosis} of signs) {
    const at = said.findIndex(line => pattern.test(line))
    if (at !== -1) return diagnosis(hostIn([said[at] as string, ...said.toSpliced(at, 1)]) ?? 'a server')
  }
  return undefined
}

/** The same in lines for whoever pushes. */
export function advice(said: readonly string[]): string[] {
  const found = diagnosed(said)
  return found === undefined ? [] : [`Reason: ${found.reason}. This is not about your app.`, ...found.next]
}

/** The host that the line is about, or the one that a line around it names. */
function hostIn(lines: string[]): string | undefined {
  for (const line of lines) {
    const [, url] = /https?:\/\/(?:[^/\s@"']*@)?([^/\s:"'?]+)/.exec(line) ?? []
    const [, name] =
      /(?:resolv(?:e|ing)(?: host:?)?|lookup|dial tcp:? lookup|getaddrinfo \w+|connect to) ['"]?((?:[\w-]+\.)+[a-z]{2,})/i.exec(line) ?? []
    const found = url ?? name
    // Where curl sends people to read about certificates.
    if (found !== undefined && found !== 'curl.se') return found
  }
  return undefined
}
