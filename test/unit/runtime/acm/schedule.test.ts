import {describe, expect, it} from 'vitest'
import {attempts, renewalAt, retryAt} from '../../../../src/lib/runtime/acm/schedule.js'
import {testAuthority} from '../../../support/certificates.js'

const day = 86_400_000
const start = new Date('2026-03-01T00:00:00Z')
const authority = testAuthority()
const lasting = (length: number): string =>
  authority.issue(['a.example'], {from: start, to: new Date(start.getTime() + length * day)}).certificate

describe('a certificate is renewed', () => {
  it.each([
    [90, 60],
    [365, 335],
    [45, 30],
    [6, 4],
  ])('of %i days, after %i', (length, after) => {
    expect((renewalAt(lasting(length), start).getTime() - start.getTime()) / day).toBe(after)
  })
})

describe('a domain without a certificate is tried again', () => {
  const minutes = (failures: number, certificate: 'exists' | 'missing'): number | undefined => {
    const at = retryAt(start, failures, certificate)
    return at === undefined ? undefined : (at.getTime() - start.getTime()) / 60_000
  }

  it('later and later, and given up after ten failures', () => {
    const pauses = Array.from({length: attempts}, (_, index) => minutes(index + 1, 'missing'))
    expect(pauses).toEqual([5, 15, 60, 240, 720, 1440, 1440, 1440, 1440, undefined])
  })

  it('for ever, as long as an older certificate is there to be renewed', () => {
    expect(minutes(3, 'exists')).toBe(60)
    expect(minutes(1000, 'exists')).toBe(1440)
  })

  it('never more than five times in an hour, which is what Let’s Encrypt takes', () => {
    let passed = 0
    let tried = 1
    for (let failures = 1; passed + (minutes(failures, 'missing') as number) < 60; failures += 1) {
      passed += minutes(failures, 'missing') as number
      tried += 1
    }
    expect(tried).toBeLessThanOrEqual(5)
  })
})
