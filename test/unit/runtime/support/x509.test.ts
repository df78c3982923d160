import {createPrivateKey, createPublicKey, X509Certificate} from 'node:crypto'
import {describe, expect, it} from 'vitest'
import {makeAuthority, makeLeaf, signerOf} from '../../../../src/lib/runtime/support/x509.js'

const validity = {from: new Date('2026-11-22T00:00:00Z'), to: new Date('2027-11-22T00:00:00Z')}
const authority = makeAuthority('Test authority', ['127.0.0.1', 'localhost', '::1'], validity)
const signer = signerOf(authority, 'Test authority')
const leaf = makeLeaf(signer, ['127.0.0.1', 'localhost', '::1'], validity)
const certified = new X509Certificate(leaf.certificate)
const authorityCertificate = new X509Certificate(authority.certificate)

describe('a certificate authority', () => {
  it('signs itself and may sign others', () => {
    expect(authorityCertificate.ca).toBe(true)
    expect(authorityCertificate.verify(authorityCertificate.publicKey)).toBe(true)
    expect(authorityCertificate.subject).toBe('CN=Test authority')
  })

  it('has the key of its certificate', () => {
    expect(authorityCertificate.checkPrivateKey(createPrivateKey(authority.key))).toBe(true)
  })
})

describe('a leaf', () => {
  it('is signed by its authority, whose name it gives', () => {
    expect(certified.verify(authorityCertificate.publicKey)).toBe(true)
    expect(certified.checkIssued(authorityCertificate)).toBe(true)
    expect(certified.ca).toBe(false)
  })

  it('has its key, written as OpenSSL writes it', () => {
    expect(certified.checkPrivateKey(createPrivateKey(leaf.key))).toBe(true)
    const written = createPublicKey(leaf.key).export({type: 'spki', format: 'der'})
    expect(certified.raw.includes(written)).toBe(true)
  })

  it('is for its names alone', () => {
    expect(certified.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(certified.checkIP('::1')).toBe('::1')
    expect(certified.checkHost('localhost')).toBe('localhost')
    expect(certified.checkIP('127.0.0.2')).toBeUndefined()
    expect(certified.checkHost('example.com')).toBeUndefined()
  })

  it('is valid in its time, before and after 2050', () => {
    expect(new Date(certified.validFrom)).toEqual(validity.from)
    expect(new Date(certified.validTo)).toEqual(validity.to)
    const late = {from: validity.from, to: new Date('2051-01-02T03:04:05Z')}
    expect(new Date(new X509Certificate(makeLeaf(signer, ['localhost'], late).certificate).validTo)).toEqual(late.to)
  })

  it('has a serial number of its own', () => {
    expect(certified.serialNumber).not.toBe(authorityCertificate.serialNumber)
  })
})
