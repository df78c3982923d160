import {X509Certificate} from 'node:crypto'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Acm} from '../../../../src/lib/runtime/acm/acm.js'
import {Apps} from '../../../../src/lib/runtime/apps/apps.js'
import {SniEndpoints} from '../../../../src/lib/runtime/certificates/sni-endpoints.js'
import {type DomainRecord, Domains} from '../../../../src/lib/runtime/domains/domains.js'
import type {Store} from '../../../../src/lib/runtime/store/store.js'
import {silentLog} from '../../../../src/lib/runtime/support/runtime-log.js'
import {Seal} from '../../../../src/lib/runtime/support/seal.js'
import {days, testAuthority} from '../../../support/certificates.js'
import {eventually} from '../../../support/eventually.js'
import {type FakeAcme, fakeAcme} from '../../../support/fake-acme.js'
import {type MovableClock, movableClock} from '../../../support/movable-clock.js'
import {scratchStore} from '../../../support/unsynced-store.js'

const minute = 60_000
const day = 24 * 60 * minute
const host = 'www.shop.example'

let store: Store
let clock: MovableClock
let acme: FakeAcme
let apps: Apps
let domains: Domains
let sniEndpoints: SniEndpoints
let changed: string[]
let acm: Acm
let appId: string

beforeEach(async () => {
  store = await scratchStore()
  clock = movableClock()
  acme = fakeAcme(clock)
  apps = new Apps(store, clock)
  domains = new Domains(store, clock)
  sniEndpoints = new SniEndpoints({store, seal: new Seal(Buffer.alloc(32, 1)), clock})
  changed = []
  appId = apps.create({name: 'shop'}).id
  begin()
})
afterEach(() => {
  acm.close()
  store.close()
})

/** As a new runtime does. */
function begin(): void {
  acm = new Acm({store, apps, domains, sniEndpoints, ...acme, onChanged: async id => void changed.push(id), clock, log: silentLog})
  acm.start()
}

function added(hostname = host): DomainRecord {
  const domain = domains.add(appId, hostname)
  acm.consider(domain)
  return domain
}

const current = (hostname = host): DomainRecord => domains.resolve(appId, hostname)
const certificate = (): X509Certificate => new X509Certificate(sniEndpoints.list(appId)[0]!.chain)

/** Waits until a domain has come to that, and to nothing else. */
async function comesTo(status: string, hostname = host): Promise<void> {
  await eventually(async () => expect(current(hostname).acmStatus).toBe(status))
}

async function issued(hostname = host): Promise<void> {
  acm.enable(appId)
  added(hostname)
  await comesTo('cert issued', hostname)
}

/** In steps, as time passes. */
async function pass(ms: number): Promise<void> {
  const step = ms > day ? 60 * minute : 5 * minute
  for (let left = ms; left > 0; left -= step) {
    clock.advance(Math.min(left, step))
    await new Promise(resolve => setImmediate(resolve))
  }
}

describe('an app with ACM', () => {
  it('gets a certificate for each custom domain, and the router is told', async () => {
    added()
    added('shop.example')
    acm.enable(appId)
    await comesTo('cert issued')
    await comesTo('cert issued', 'shop.example')
    const endpoints = sniEndpoints.list(appId)
    expect(endpoints.map(one => one.acm)).toEqual([true, true])
    expect(new X509Certificate(endpoints.find(one => one.id === current().sniEndpointId)!.chain).checkHost(host)).toBe(host)
    expect(changed).toEqual([appId, appId])
  })

  it('gets one for a domain that is added later, and none for those of other apps', async () => {
    const other = apps.create({name: 'other'})
    const foreign = domains.add(other.id, 'other.example')
    acm.consider(foreign)
    await issued()
    expect(acme.asked).toEqual([host])
  })

  it('leaves a domain alone that has a certificate of the user’s', async () => {
    const domain = domains.add(appId, host)
    domains.update(domain, {sniEndpointId: sniEndpoints.create(appId, testAuthority().issue([host]), 'manual').id})
    acm.enable(appId)
    added('shop.example')
    await comesTo('cert issued', 'shop.example')
    expect(acme.asked).toEqual(['shop.example'])
    expect(current().acmStatus).toBeUndefined()
  })

  it('has no certificate for a wildcard, and says what to do', async () => {
    acm.enable(appId)
    added('*.shop.example')
    await comesTo('failed', '*.shop.example')
    expect(current('*.shop.example')).toMatchObject({
      acmReason: 'A wildcard needs a certificate of your own (certs:add)',
      acmDueAt: undefined,
    })
    expect(acme.asked).toEqual([])
  })

  it('does not ask the authority for a domain that DNS does not know', async () => {
    acme.unknown.add(host)
    acm.enable(appId)
    added()
    await comesTo('failing')
    expect(current().acmReason).toBe(`DNS has no A or AAAA record for ${host}`)
    expect(acme.asked).toEqual([])
  })

  it('discards a certificate that came when it was not wanted any more', async () => {
    const {issue} = acme.authority
    acme.authority.issue = async (...given) => {
      acm.disable(appId)
      return issue(...given)
    }
    acm.enable(appId)
    added()
    await eventually(async () => expect(acme.asked).toEqual([host]))
    await pass(minute)
    expect(sniEndpoints.list(appId)).toEqual([])
    expect(current().acmStatus).toBeUndefined()
  })
})

describe('a certificate', () => {
  it('is renewed 30 days before it expires, under the name it has', async () => {
    await issued()
    const [endpoint] = sniEndpoints.list(appId)
    const first = certificate().serialNumber
    await pass(59 * day)
    expect(certificate().serialNumber).toBe(first)
    await pass(2 * day)
    await eventually(async () => expect(certificate().serialNumber).not.toBe(first))
    expect(sniEndpoints.list(appId).map(({id, name}) => [id, name])).toEqual([[endpoint!.id, endpoint!.name]])
    expect(changed).toHaveLength(2)
  })

  it('stays when it cannot be renewed, which is tried for ever', async () => {
    await issued()
    acme.refused.set(host, 'The authority has a bad day')
    const first = certificate().serialNumber
    await pass(61 * day)
    await comesTo('failing')
    expect(current().acmReason).toBe('The authority has a bad day')
    await pass(25 * day)
    expect(current().acmStatus).toBe('failing')
    expect(certificate().serialNumber).toBe(first)
    acme.refused.clear()
    await pass(2 * day)
    await comesTo('cert issued')
    expect(certificate().serialNumber).not.toBe(first)
  })

  it('is renewed by the next runtime too', async () => {
    await issued()
    const first = certificate().serialNumber
    acm.close()
    clock.advance(70 * day)
    begin()
    await eventually(async () => expect(certificate().serialNumber).not.toBe(first))
  })
})

it('a certificate that is old when it is issued is not asked for without end', async () => {
  const {issue} = acme.authority
  acme.authority.issue = async (...given) => {
    await issue(...given)
    return testAuthority().issue([host], days(80, 10))
  }
  await issued()
  await pass(20 * day)
  expect(acme.asked).toHaveLength(1)
})

describe('a domain that fails', () => {
  beforeEach(() => {
    acme.refused.set(host, 'Nobody answered under that host')
    acm.enable(appId)
    added()
  })

  it('is tried again later and later, then given up, and begun anew by a refresh', async () => {
    await comesTo('failing')
    await pass(5 * minute)
    await eventually(async () => expect(acme.asked).toHaveLength(2))
    await pass(10 * minute)
    expect(acme.asked).toHaveLength(2)
    await pass(10 * day)
    await comesTo('failed')
    expect(acme.asked).toHaveLength(10)
    await pass(10 * day)
    expect(acme.asked).toHaveLength(10)
    acme.refused.clear()
    acm.refresh(appId)
    await comesTo('cert issued')
  })

  it('does not keep others waiting, not even when the authority falls silent', async () => {
    const {issue} = acme.authority
    acme.authority.issue = (hostname, onProven) =>
      hostname === 'silent.example' ? new Promise(() => undefined) : issue(hostname, onProven)
    added('silent.example')
    await eventually(async () => expect(current('silent.example').acmStatus).toBe('dns-verified'))
    await pass(6 * minute)
    await comesTo('failing', 'silent.example')
    expect(current('silent.example').acmReason).toBe('The certificate authority did not answer for 5 minutes')
    added('shop.example')
    await comesTo('cert issued', 'shop.example')
    expect(current().acmStatus).toBe('failing')
  })
})

describe('an app without ACM any more', () => {
  it('loses the certificates that were made for it, and no others', async () => {
    await issued()
    const domain = domains.add(appId, 'own.example')
    const own = sniEndpoints.create(appId, testAuthority().issue(['own.example']), 'manual')
    domains.update(domain, {sniEndpointId: own.id})
    acm.disable(appId)
    expect(sniEndpoints.list(appId).map(one => one.id)).toEqual([own.id])
    expect(current()).toMatchObject({sniEndpointId: undefined, acmStatus: undefined, acmDueAt: undefined})
    await pass(100 * day)
    expect(acme.asked).toEqual([host])
  })
})
