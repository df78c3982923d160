import {createPrivateKey, type KeyObject, X509Certificate} from 'node:crypto'
import {rootCertificates} from 'node:tls'
import {PlatformError} from './errors.js'

/** What a certificate says of itself. */
export interface CertificateFacts {
  /** Host names it is for. */
  domains: string[]
  /** As OpenSSL wrote names for decades, and Heroku does: `/C=US/O=Example/CN=example.com`. */
  issuer: string
  subject: string
  startsAt: Date
  expiresAt: Date
  selfSigned: boolean
}

/** A private key and the certificate for it, with its chain; both PEM. */
export interface Identity {
  key: string
  certificate: string
}

/**
 * Brings certificates and a key that a user gave into the form TLS wants: the certificate of the key first, then who issued each, without
 * the root. Throws invalid_params when they do not fit together or nobody could use them at `now`.
 */
export function readIdentity(chainText: string, keyText: string, now: Date): Identity {
  const certificates = certificatesIn(chainText)
  const key = readKey(keyText)
  const leaf = certificates.find(one => one.checkPrivateKey(key))
  if (leaf === undefined) throw invalid('The private key does not belong to any of the certificates given.')
  if (domainsOf(leaf).length === 0) throw invalid('No certificate given is a domain name certificate.')
  const expiry = new Date(leaf.validTo)
  if (expiry <= now) throw invalid(`The certificate expired on ${expiry.toISOString().slice(0, 10)}.`)
  const {chain, stray} = chainOf(leaf, certificates)
  if (stray !== undefined) throw invalid(brokenAt(chain.at(-1) as X509Certificate, stray))
  return {
    certificate: textOf(chain),
    key: key.export({type: 'pkcs8', format: 'pem'}).toString(),
  }
}

/**
 * The same for certificates whose key is not at hand: in order, and the issuer that is missing, if one is. The first is the one that
 * issued none of the others. Throws invalid_params when they do not fit together.
 */
export function readChain(chainText: string): {certificate: string; missing?: string} {
  const certificates = certificatesIn(chainText)
  const leaf = certificates.find(one => !certificates.some(other => other !== one && issued(one, other))) ?? certificates[0]
  const {chain, stray} = chainOf(leaf as X509Certificate, certificates)
  const end = chain.at(-1) as X509Certificate
  if (stray !== undefined) throw invalid(brokenAt(end, stray))
  const complete = issued(end, end) || rootOf(end) !== undefined || certificates.some(one => issued(one, one) && issued(one, end))
  return {certificate: textOf(chain), ...(complete ? {} : {missing: oneLine(end.issuer)})}
}

/** What the first certificate of a chain says, PEM. */
export function factsOf(chainText: string): CertificateFacts {
  const leaf = certificatesIn(chainText)[0] as X509Certificate
  return {
    domains: domainsOf(leaf),
    issuer: oneLine(leaf.issuer),
    subject: oneLine(leaf.subject),
    startsAt: new Date(leaf.validFrom),
    expiresAt: new Date(leaf.validTo),
    selfSigned: issued(leaf, leaf),
  }
}

/** Whether a chain leads to an authority that everybody trusts. Looks at all of them, which takes some ms. */
export function isCaSigned(chainText: string): boolean {
  return rootOf(certificatesIn(chainText).at(-1) as X509Certificate) !== undefined
}

/** Whether clients that ask for that host, which may be a wildcard, accept the first certificate of a chain. */
export function covers(chainText: string, hostname: string): boolean {
  const [leaf] = certificatesIn(chainText)
  // A wildcard is covered by the same wildcard alone.
  if (hostname.startsWith('*.')) return domainsOf(leaf as X509Certificate).includes(hostname)
  return leaf?.checkHost(hostname) !== undefined
}

function certificatesIn(text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw invalid('No certificate was given: it must be in PEM, beginning with -----BEGIN CERTIFICATE-----.')
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block)
    } catch (cause) {
      throw invalid(`Certificate ${index + 1} of the ${blocks.length} given cannot be read: ${(cause as Error).message}.`)
    }
  })
}

function readKey(text: string): KeyObject {
  const key = parseKey(text)
  const {asymmetricKeyType: type = '', asymmetricKeyDetails: details} = key
  if (!['rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448'].includes(type)) throw invalid(`A key of type ${type} cannot be used for TLS.`)
  const bits = details?.modulusLength
  if (bits !== undefined && bits < 2048) throw invalid(`An RSA key of ${bits} bits is too short: clients want 2048 at least.`)
  return key
}

function parseKey(text: string): KeyObject {
  const block = /-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----[\s\S]+?-----END \1PRIVATE KEY-----/.exec(text)?.[0]
  if (block === undefined) throw invalid('No private key was given: it must be in PEM, beginning with -----BEGIN PRIVATE KEY-----.')
  if (/BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(block))
    throw invalid("The private key cannot be read, since it's protected by a passphrase. Remove it: openssl pkey -in KEY -out NEWKEY.")
  try {
    return createPrivateKey(block)
  } catch (cause) {
    throw invalid(`The private key cannot be read: ${(cause as Error).message}.`)
  }
}

interface Chain {
  /** From the leaf up to the last issuer that was given, without the root. */
  chain: X509Certificate[]
  /** A certificate that was given and issued nothing, where one is missing. */
  stray?: X509Certificate
}

function chainOf(leaf: X509Certificate, given: X509Certificate[]): Chain {
  const chain = [leaf]
  const rest = new Set(given.filter(one => one.fingerprint256 !== leaf.fingerprint256))
  for (;;) {
    const last = chain.at(-1) as X509Certificate
    const issuer = [...rest].find(one => issued(one, last))
    if (issuer === undefined) break
    rest.delete(issuer)
    // Whoever trusts a root has it.
    if (issued(issuer, issuer)) return {chain}
    chain.push(issuer)
  }
  const end = chain.at(-1) as X509Certificate
  const [stray] = rest
  return stray === undefined || issued(end, end) || rootOf(end) !== undefined ? {chain} : {chain, stray}
}

function brokenAt(end: X509Certificate, stray: X509Certificate): string {
  return `The chain is broken: none of the certificates given issued ${oneLine(end.subject)}. Its issuer is ${oneLine(end.issuer)}, and ${oneLine(stray.subject)} is another.`
}

function textOf(certificates: X509Certificate[]): string {
  return certificates.map(one => one.toString()).join('')
}

/** Whether the first certificate issued the second; one that issued itself is self-signed. */
function issued(issuer: X509Certificate, subject: X509Certificate): boolean {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey)
}

/** The authority that everybody trusts and that issued a certificate, or is it; PEM. */
function rootOf(certificate: X509Certificate): string | undefined {
  roots ??= rootCertificates.map(text => ({text, certificate: new X509Certificate(text)}))
  return roots.find(root => issued(root.certificate, certificate))?.text
}

/** Node's own, which never change, read when they are first asked for: that takes 10 ms. */
let roots: {text: string; certificate: X509Certificate}[] | undefined

/** Subject alternative names; without any, the common name, as clients of old took it. */
function domainsOf(certificate: X509Certificate): string[] {
  const alternative = certificate.subjectAltName
    ?.split(', ')
    .flatMap(name => (name.startsWith('DNS:') ? [name.slice(4).toLowerCase()] : []))
  if (alternative !== undefined) return alternative
  const common = /^CN=(.+)$/m.exec(certificate.subject ?? '')?.[1]
  return common !== undefined && /^(\*\.)?[\w-]+(\.[\w-]+)+$/.test(common) ? [common.toLowerCase()] : []
}

/** Node.js has none where a name is empty, whatever its types say; ACME servers issue such subjects. */
function oneLine(name: string | undefined): string {
  return (name ?? '')
    .split('\n')
    .map(part => part && `/${part}`)
    .join('')
}

function invalid(message: string): PlatformError {
  return new PlatformError('invalid_params', message)
}
