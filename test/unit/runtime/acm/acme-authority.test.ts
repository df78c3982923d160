import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {acmeAuthority, directoryOf} from '../../../../src/lib/runtime/acm/acme-authority.js'
import {Challenges} from '../../../../src/lib/runtime/certificates/challenges.js'
import type {Store} from '../../../../src/lib/runtime/store/store.js'
import {Seal} from '../../../../src/lib/runtime/support/seal.js'
import {scratchStore} from '../../../support/unsynced-store.js'

let store: Store
beforeEach(async () => {
  store = await scratchStore()
})
afterEach(() => store.close())

describe('the certificate authority', () => {
  it('is Let’s Encrypt unless another one is named, by a word or its address', () => {
    expect(directoryOf(store, {})).toBe('https://acme-v02.api.letsencrypt.org/directory')
    expect(directoryOf(store, {HOKKU_ACME_DIRECTORY: 'staging'})).toBe('https://acme-staging-v02.api.letsencrypt.org/directory')
    expect(directoryOf(store, {HOKKU_ACME_DIRECTORY: 'https://ca.example/acme'})).toBe('https://ca.example/acme')
  })

  it('stays the one that was named, for whoever starts the runtime next', () => {
    directoryOf(store, {HOKKU_ACME_DIRECTORY: 'staging'})
    expect(directoryOf(store, {})).toBe('https://acme-staging-v02.api.letsencrypt.org/directory')
    directoryOf(store, {HOKKU_ACME_DIRECTORY: 'production'})
    expect(directoryOf(store, {})).toBe('https://acme-v02.api.letsencrypt.org/directory')
  })

  it('is not named by a word that means nothing', () => {
    expect(() => directoryOf(store, {HOKKU_ACME_DIRECTORY: 'stagging'})).toThrow(
      'HOKKU_ACME_DIRECTORY must be production, staging or an address, not stagging.',
    )
    expect(directoryOf(store, {})).toContain('acme-v02')
  })

  it('that cannot be reached is said to be so', async () => {
    const seal = new Seal(Buffer.alloc(32, 1))
    const env = {HOKKU_ACME_DIRECTORY: 'http://127.0.0.1:1/directory'}
    const authority = acmeAuthority({store, seal, challenges: new Challenges(), env})
    await expect(authority.issue('www.shop.example', () => undefined)).rejects.toThrow(
      'The certificate authority at 127.0.0.1:1 cannot be reached',
    )
  })
})
