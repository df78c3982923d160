import {generateKeyPairSync} from 'node:crypto'
import {rootCertificates} from 'node:tls'
import {describe, expect, it} from 'vitest'
import {covers, factsOf, isCaSigned, readChain, readIdentity} from '../../../src/lib/schema/certificate-chain.js'
import {dsaKey, intermediate, leaf, leafKey, nameless, root} from '../../support/certificate-chain.js'
import {days, testAuthority} from '../../support/certificates.js'

const now = new Date()
const read = (chain: string, key = leafKey, at = now) => readIdentity(chain, key, at)
const authority = testAuthority()
const other = authority.issue(['other.example'])

describe('a certificate with its key', () => {
  it.each([
    ['in order', leaf + intermediate],
    ['in any order', intermediate + leaf],
    ['with the root', root + leaf + intermediate],
    ['twice', leaf + intermediate + leaf],
    ['with its key in the same file', `${leafKey}${leaf}${intermediate}`],
    ['with text between them', `subject=example.com\n${leaf}\nissuer\n${intermediate}`],
  ])('is brought into the order that servers send, given %s', (_how, text) => {
    expect(read(text).certificate).toBe(leaf + intermediate)
  })

  it('is taken without its issuers', () => {
    expect(read(leaf)).toEqual({certificate: leaf, key: leafKey})
  })

  it('is taken when it is self-signed', () => {
    const {certificate, key} = authority.issue(['self.example'])
    expect(read(certificate, key).certificate).toBe(certificate)
  })

  it('is found among certificates by its key', () => {
    const {certificate, key} = other
    expect(read(root + certificate + authority.certificate, key).certificate).toBe(certificate)
  })

  const short = generateKeyPairSync('rsa', {
    modulusLength: 1024,
    privateKeyEncoding: {type: 'pkcs8', format: 'pem'},
    publicKeyEncoding: {type: 'spki', format: 'pem'},
  })
  const locked = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: {type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret'},
    publicKeyEncoding: {type: 'spki', format: 'pem'},
  })
  it.each([
    ['no certificate', 'hello', leafKey, 'No certificate was given'],
    ['a certificate that is cut', leaf.replace('MII', 'M'), leafKey, 'Certificate 1 of the 1 given cannot be read'],
    ['no key', leaf, 'hello', 'No private key was given'],
    ['a key that is cut', leaf, leafKey.replace('MIG', 'M'), 'The private key cannot be read'],
    ['a key with a passphrase', leaf, locked.privateKey, 'protected by a passphrase'],
    ['a key that is too short', leaf, short.privateKey, 'An RSA key of 1024 bits is too short'],
    ['a key of another kind', leaf, dsaKey, 'A key of type dsa cannot be used for TLS.'],
    ['the key of another certificate', leaf + intermediate, other.key, 'The private key does not belong to any of the certificates given.'],
    [
      'a chain with the wrong issuer',
      leaf + other.certificate,
      leafKey,
      'The chain is broken: none of the certificates given issued /C=US/O=Fixture/CN=example.com. Its issuer is /O=Fixture/CN=Fixture Intermediate, and /CN=other.example is another.',
    ],
  ])('is refused with %s', (_what, chain, key, message) => {
    expect(() => read(chain, key)).toThrow(message)
  })

  it('is refused once it has expired, or when it is for no host name', () => {
    const old = authority.issue(['old.example'], days(20, -1))
    expect(() => read(old.certificate, old.key)).toThrow(/^The certificate expired on \d{4}-\d\d-\d\d\.$/)
    expect(read(old.certificate, old.key, days(10, 0).from).certificate).toBe(old.certificate)
    const address = authority.issue(['127.0.0.1'])
    expect(() => read(address.certificate, address.key)).toThrow('No certificate given is a domain name certificate.')
  })
})

describe('a chain without its key', () => {
  it('is brought into order, without the root', () => {
    expect(readChain(root + intermediate + leaf)).toEqual({certificate: leaf + intermediate})
  })

  it('names the issuer that is missing', () => {
    expect(readChain(leaf)).toEqual({certificate: leaf, missing: '/O=Fixture/CN=Fixture Intermediate'})
    expect(readChain(intermediate + leaf).missing).toBe('/CN=Fixture Root')
  })

  it('is refused when it does not fit together', () => {
    expect(() => readChain(leaf + other.certificate)).toThrow('The chain is broken')
  })
})

describe('a certificate', () => {
  it('says what it is for, and who issued it as OpenSSL writes it', () => {
    const {startsAt, expiresAt, ...facts} = factsOf(leaf + intermediate)
    expect(facts).toEqual({
      domains: ['example.com', '*.example.com'],
      subject: '/C=US/O=Fixture/CN=example.com',
      issuer: '/O=Fixture/CN=Fixture Intermediate',
      selfSigned: false,
    })
    expect(expiresAt.getTime() - startsAt.getTime()).toBe(36_500 * 86_400_000)
    expect(factsOf(root)).toMatchObject({domains: [], selfSigned: true})
  })

  it('may have no subject but its alternative names', () => {
    expect(factsOf(nameless)).toMatchObject({domains: ['nameless.example'], subject: '', issuer: ''})
    expect(covers(nameless, 'nameless.example')).toBe(true)
    expect(readChain(nameless)).toEqual({certificate: nameless})
  })

  it('covers the hosts it names, and a wildcard one label', () => {
    for (const host of ['example.com', 'www.example.com', '*.example.com']) expect(covers(leaf, host)).toBe(true)
    for (const host of ['example.org', 'a.b.example.com', '*.www.example.com']) expect(covers(leaf, host)).toBe(false)
  })

  it('is trusted by everybody when its chain leads to an authority that is', () => {
    expect(isCaSigned(rootCertificates[3] as string)).toBe(true)
    expect(isCaSigned(leaf + intermediate)).toBe(false)
  })
})
