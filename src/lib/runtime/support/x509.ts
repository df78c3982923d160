import {createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign} from 'node:crypto'
import {isIP} from 'node:net'
import type {Identity} from '../../schema/certificate-chain.js'

export interface Validity {
  from: Date
  to: Date
}

/**
 * A certificate authority (ECDSA P-256) that clients accept for these names only (RFC 5280 name constraints), so that trusting
 * it does not mean to trust it for the rest of the internet. An IP address permits itself alone, a name its subdomains too.
 */
export function makeAuthority(commonName: string, names: string[], validity: Validity): Identity & {signer: Signer} {
  const {privateKey, publicKey} = keyPair()
  const extensions = [
    extension(oid.basicConstraints, sequence(der(0x01, Buffer.from([0xff]))), 'critical'),
    extension(oid.keyUsage, der(0x03, Buffer.from([0x01, 0x06])), 'critical'),
    extension(oid.nameConstraints, sequence(der(0xa0, ...names.map(name => sequence(subtree(name))))), 'critical'),
    extension(oid.subjectKeyIdentifier, der(0x04, keyIdentifier(publicKey))),
  ]
  return {
    ...identity(privateKey, signed({issuer: commonName, subject: commonName, validity, publicKey, extensions}, privateKey)),
    signer: {commonName, key: privateKey, keyIdentifier: keyIdentifier(publicKey)},
  }
}

/** An authority that is ready to sign, as a new one is: reading its key takes twice as long as all else about a certificate. */
export interface Signer {
  commonName: string
  key: KeyObject
  keyIdentifier: Buffer
}

export function signerOf(authority: Identity, commonName: string): Signer {
  const key = createPrivateKey(authority.key)
  return {commonName, key, keyIdentifier: keyIdentifier(subjectPublicKey(createPublicKey(key)))}
}

/** A server certificate for these host names and IP addresses. */
export function makeLeaf(signer: Signer, names: string[], validity: Validity): Identity {
  const {privateKey, publicKey} = keyPair()
  const extensions = [
    extension(oid.basicConstraints, sequence(), 'critical'),
    extension(oid.keyUsage, der(0x03, Buffer.from([0x07, 0x80])), 'critical'),
    extension(oid.extendedKeyUsage, sequence(oid.serverAuth)),
    extension(oid.subjectAltName, sequence(...names.map(generalName))),
    extension(oid.subjectKeyIdentifier, der(0x04, keyIdentifier(publicKey))),
    extension(oid.authorityKeyIdentifier, sequence(der(0x80, signer.keyIdentifier))),
  ]
  const subject = names[0] as string
  return identity(privateKey, signed({issuer: signer.commonName, subject, validity, publicKey, extensions}, signer.key))
}

interface Certificate {
  issuer: string
  subject: string
  validity: Validity
  /** As subjectPublicKey() has it. */
  publicKey: Buffer
  extensions: Buffer[]
}

const oid = {
  ecPublicKey: objectId('2a8648ce3d0201'),
  p256: objectId('2a8648ce3d030107'),
  ecdsaWithSha256: objectId('2a8648ce3d040302'),
  commonName: objectId('550403'),
  subjectKeyIdentifier: objectId('551d0e'),
  keyUsage: objectId('551d0f'),
  subjectAltName: objectId('551d11'),
  basicConstraints: objectId('551d13'),
  nameConstraints: objectId('551d1e'),
  authorityKeyIdentifier: objectId('551d23'),
  extendedKeyUsage: objectId('551d25'),
  serverAuth: objectId('2b06010505070301'),
}

/** RFC 5280, 4.1: what is certified, the algorithm, the signature. */
function signed({issuer, subject, validity, publicKey, extensions}: Certificate, key: KeyObject): Buffer {
  const algorithm = sequence(oid.ecdsaWithSha256)
  const version3 = der(0xa0, der(0x02, Buffer.from([2])))
  const certified = sequence(
    version3,
    // Positive, and never shortened by a leading zero.
    der(0x02, Buffer.concat([Buffer.from([0x40]), randomBytes(15)])),
    algorithm,
    distinguishedName(issuer),
    sequence(time(validity.from), time(validity.to)),
    distinguishedName(subject),
    publicKey,
    der(0xa3, sequence(...extensions)),
  )
  return sequence(certified, algorithm, der(0x03, Buffer.from([0]), sign('sha256', certified, key)))
}

function identity(key: KeyObject, certificate: Buffer): Identity {
  const lines = certificate.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return {
    key: key.export({type: 'pkcs8', format: 'pem'}).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  }
}

function distinguishedName(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid.commonName, der(0x0c, Buffer.from(commonName)))))
}

function extension(id: Buffer, value: Buffer, critical?: 'critical'): Buffer {
  return sequence(id, ...(critical === undefined ? [] : [der(0x01, Buffer.from([0xff]))]), der(0x04, value))
}

function generalName(name: string): Buffer {
  return isIP(name) === 0 ? der(0x82, Buffer.from(name)) : der(0x87, addressBytes(name))
}

/** As in name constraints: an address has a mask. */
function subtree(name: string): Buffer {
  if (isIP(name) === 0) return der(0x82, Buffer.from(name))
  const address = addressBytes(name)
  return der(0x87, address, Buffer.alloc(address.length, 0xff))
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail = ''] = address.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const missing = 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail)]
  return Buffer.from(all.map(group => group.padStart(4, '0')).join(''), 'hex')
}

function keyPair(): {privateKey: KeyObject; publicKey: Buffer} {
  const {privateKey, publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
  return {privateKey, publicKey: subjectPublicKey(publicKey)}
}

/** RFC 5480: the curve, and the point as it is. OpenSSL's own export of the same bytes takes thirty times as long as that of a JWK. */
function subjectPublicKey(key: KeyObject): Buffer {
  const {x = '', y = ''} = key.export({format: 'jwk'})
  const point = [Buffer.from([0, 4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]
  return sequence(sequence(oid.ecPublicKey, oid.p256), der(0x03, ...point))
}

function keyIdentifier(publicKey: Buffer): Buffer {
  return createHash('sha1').update(publicKey).digest()
}

/** UTCTime up to 2049, GeneralizedTime from 2050 on, as RFC 5280 wants. */
function time(at: Date): Buffer {
  const digits = `${at.toISOString().slice(0, 19).replace(/\D/g, '')}Z`
  return at.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits))
}

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, ...parts)
}

/** One element of DER: tag, length, content. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const length: number[] = []
  for (let rest = content.length; rest > 0; rest >>= 8) length.unshift(rest & 0xff)
  const header = content.length < 0x80 ? [tag, content.length] : [tag, 0x80 | length.length, ...length]
  return Buffer.concat([Buffer.from(header), content])
}
