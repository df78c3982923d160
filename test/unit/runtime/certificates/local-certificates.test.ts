import {X509Certificate} from 'node:crypto'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {HostCertificates} from '../../../../src/lib/runtime/certificates/host-certificates.js'
import {LocalAuthority} from '../../../../src/lib/runtime/certificates/local-authority.js'
import {LocalCertificates} from '../../../../src/lib/runtime/certificates/local-certificates.js'
import {SniEndpoints} from '../../../../src/lib/runtime/certificates/sni-endpoints.js'
import {type Store, writeSetting} from '../../../../src/lib/runtime/store/store.js'
import type {Clock} from '../../../../src/lib/runtime/support/clock.js'
import {silentLog} from '../../../../src/lib/runtime/support/runtime-log.js'
import {Seal} from '../../../../src/lib/runtime/support/seal.js'
import {homeAt} from '../../../../src/lib/schema/home.js'
import {scratchStore} from '../../../support/unsynced-store.js'

const day = 86_400_000
const seal = new Seal(Buffer.alloc(32, 7))
let directory: string
let store: Store
let now: number
const clock: Clock = {now: () => new Date(now), sleep: async () => undefined}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hk-'))
  store = await scratchStore()
  now = Date.now()
})
afterEach(() => {
  store.close()
  rmSync(directory, {recursive: true})
})

/** As a runtime has it that starts on what the last one left. */
function opened() {
  const authority = new LocalAuthority({home: homeAt(directory), homeId: '0123456789', store, seal, clock, log: silentLog})
  const local = new LocalCertificates({store, seal, clock, log: silentLog, authority})
  return {authority, local, certificates: new HostCertificates({authority, local, endpoints: new SniEndpoints({store, seal, clock})})}
}

const parsed = (pem: string): X509Certificate => new X509Certificate(pem)

describe('the local authority', () => {
  it('is the same for the next runtime, and lies where clients find it', () => {
    const {authority} = opened()
    expect(opened().authority.certificate).toBe(authority.certificate)
    expect(readFileSync(join(directory, 'ca.pem'), 'utf8')).toBe(authority.certificate)
  })

  it('shows the same certificate of its own in the next runtime, sealed at rest, until it is renewed', () => {
    const {authority} = opened()
    const {key, certificate} = authority.server()
    expect(opened().authority.server()).toMatchObject({key, certificate})
    expect(JSON.stringify(store.all('SELECT * FROM settings'))).not.toContain('PRIVATE KEY')
    now += 368 * day
    const renewed = opened().authority.server().certificate
    expect(renewed).not.toBe(certificate)
    expect(authority.server().certificate).not.toBe(certificate)
    expect(parsed(renewed).checkIssued(parsed(authority.certificate))).toBe(true)
  })

  it('certifies names of this machine and of tests, and nothing else', () => {
    const {authority} = opened()
    for (const name of ['localhost', 'demo.localhost', 'a.b.localhost', 'test', 'www.shop.test', '*.shop.test'])
      expect(authority.certifies(name)).toBe(true)
    for (const name of ['example.com', 'notlocalhost', 'localhost.example.com', 'contest', '10.0.0.1'])
      expect(authority.certifies(name)).toBe(false)
  })

  it('that an older version made for fewer names is replaced, with all it certified', () => {
    const {authority, local} = opened()
    const [leaf] = local.of(['demo.localhost'])
    const server = authority.server().certificate
    writeSetting(store, 'ca.identity', seal.seal(JSON.stringify({key: 'k', certificate: authority.certificate})))
    const next = opened()
    expect(next.authority.certificate).not.toBe(authority.certificate)
    expect(next.authority.server().certificate).not.toBe(server)
    const [again] = next.local.of(['demo.localhost'])
    expect(again?.certificate).not.toBe(leaf?.certificate)
    expect(parsed(again!.certificate).verify(parsed(next.authority.certificate).publicKey)).toBe(true)
  })
})

describe('local certificates', () => {
  it('are one per host, signed by the authority, and kept for the next runtime', () => {
    const {authority, local} = opened()
    const [demo, shop] = local.of(['demo.localhost', '*.shop.test'])
    expect(parsed(demo!.certificate).subjectAltName).toBe('DNS:demo.localhost')
    expect(parsed(shop!.certificate).checkHost('www.shop.test')).toBe('*.shop.test')
    expect(parsed(demo!.certificate).verify(parsed(authority.certificate).publicKey)).toBe(true)
    expect(opened().local.of(['demo.localhost'])).toEqual([demo])
  })

  it('are kept with their keys sealed', () => {
    const [leaf] = opened().local.of(['demo.localhost'])
    const rows = JSON.stringify(store.all('SELECT * FROM local_certificates'))
    expect(rows).toContain('demo.localhost')
    expect(rows).not.toContain('PRIVATE KEY')
    expect(rows).not.toContain(leaf!.key.split('\n')[1])
  })

  it('are renewed 30 days before they expire', () => {
    const {local} = opened()
    const [leaf] = local.of(['demo.localhost'])
    now += 366 * day
    expect(local.of(['demo.localhost'])).toEqual([leaf])
    now += 2 * day
    const [next] = local.of(['demo.localhost'])
    expect(next?.certificate).not.toBe(leaf?.certificate)
    expect(Date.parse(parsed(next!.certificate).validTo)).toBeGreaterThan(now + 396 * day)
    expect(opened().local.of(['demo.localhost'])).toEqual([next])
  })

  it('are there for the router when they cannot be kept', () => {
    const {local} = opened()
    store.exec('DROP TABLE local_certificates; CREATE VIEW local_certificates AS SELECT 1 AS hostname WHERE false')
    const [leaf] = local.of(['demo.localhost'])
    expect(parsed(leaf!.certificate).subjectAltName).toBe('DNS:demo.localhost')
    expect(local.of(['demo.localhost'])).toEqual([leaf])
  })

  it('of hosts that nobody has any more are forgotten', () => {
    const {local} = opened()
    const [kept, gone] = local.of(['kept.localhost', 'gone.localhost'])
    local.keepOnly(new Set(['kept.localhost']))
    expect(local.of(['kept.localhost'])).toEqual([kept])
    expect(local.of(['gone.localhost'])).not.toEqual([gone])
  })
})

describe('certificates of an app', () => {
  it('are for those hosts that can have one, and the same objects until they change', () => {
    const {certificates} = opened()
    const hosts = ['demo.localhost', 'www.example.com', 'shop.test'].map(hostname => ({hostname}))
    const shown = certificates.of(hosts)
    expect(shown.map(one => one.hosts)).toEqual([['demo.localhost'], ['shop.test']])
    expect(certificates.of(hosts)[0]).toBe(shown[0])
    now += 368 * day
    expect(certificates.of(hosts)[0]?.name).not.toBe(shown[0]?.name)
  })
})
