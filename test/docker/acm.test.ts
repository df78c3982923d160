import {randomUUID, type X509Certificate} from 'node:crypto'
import {mkdtemp, rm} from 'node:fs/promises'
import {Agent, request} from 'node:https'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {connect} from 'node:tls'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import {acmeAuthority} from '../../src/lib/runtime/acm/acme-authority.js'
import {assertResolves} from '../../src/lib/runtime/acm/resolve.js'
import {hostCertificate} from '../../src/lib/runtime/certificates/host-certificates.js'
import {createRouter} from '../../src/lib/runtime/router/haproxy-router.js'
import {createRuntime, type Runtime} from '../../src/lib/runtime/runtime.js'
import {homeAt} from '../../src/lib/schema/home.js'
import type {Domain, SniEndpoint} from '../../src/lib/schema/resources.js'
import {eventually} from '../support/eventually.js'
import {fakeCompiler} from '../support/fake-compiler.js'
import {freePort} from '../support/free-port.js'
import {type MovableClock, shiftedClock} from '../support/movable-clock.js'
import {installPebble, type Pebble, startPebble} from '../support/pebble.js'
import {root} from '../support/slug-workshop.js'
import {flawsOf, gradersMissing} from '../support/tls-grade.js'
import {unsyncedStore} from '../support/unsynced-store.js'

const day = 86_400_000
const host = 'www.shop.example'
const missing = await installPebble()
if (missing !== undefined) console.warn(`SKIPPED: ACM against a real ACME server: ${missing}`)

let directory: string
let clock: MovableClock
let pebble: Pebble
let runtime: Runtime
let ports: {http: number; tls: number}

describe.skipIf(missing !== undefined)('Automatic Certificate Management with a real ACME server', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hk-acm-'))
    clock = shiftedClock()
    ports = {http: await freePort(), tls: await freePort()}
    pebble = await startPebble(ports.http)
    await open()
    await api('POST', '/apps', {name: 'shop'})
  })
  afterAll(async () => {
    const homeId = runtime?.store.get<{value: string}>("SELECT value FROM settings WHERE key = 'home.id'")?.value
    await runtime?.close()
    await pebble?.[Symbol.asyncDispose]()
    const engine = await connectDocker({home: homeId ?? ''})
    await engine.removeAll({'hokku.home': homeId ?? randomUUID()})
    await engine.close()
    await rm(directory, {recursive: true, force: true})
  })

  it('gets a certificate that clients accept, and the router shows it', async () => {
    await api('POST', '/apps/shop/acm')
    await api('POST', '/apps/shop/domains', {hostname: host, sni_endpoint: null})
    await comesTo('cert issued')
    const trusted = await pebble.root()
    // The router follows in a moment.
    await eventually(async () => expect(await shown(trusted)).toMatchObject({authorized: true}))
    const {certificate} = await shown(trusted)
    expect(certificate.checkHost(host)).toBe(host)
    expect(certificate.issuer).toContain('Pebble Intermediate')
    const [endpoint] = await api<SniEndpoint[]>('GET', '/apps/shop/sni-endpoints')
    expect(endpoint).toMatchObject({ssl_cert: {acm: true, cert_domains: [host]}})
    expect(endpoint?.certificate_chain.match(/BEGIN/g)).toHaveLength(2)
  })

  it.skipIf(gradersMissing())('is shown so that openssl and curl have nothing to complain about', {timeout: 60_000}, async () => {
    expect(await flawsOf({host, port: ports.tls, authority: await pebble.root()})).toEqual([])
  })

  it('has its account and its keys sealed', () => {
    const stored = JSON.stringify([runtime.store.all('SELECT * FROM settings'), runtime.store.all('SELECT * FROM sni_endpoints')])
    expect(stored).toContain(`acme.account.${pebble.directory}`)
    expect(stored).not.toContain('PRIVATE KEY')
    expect(stored).not.toContain('my-account/')
  })

  it('renews it when the clock says so, and no request is lost over it', {timeout: 90_000}, async () => {
    const trusted = await pebble.root()
    const first = (await shown(trusted)).certificate.serialNumber
    clock.advance(59 * day)
    await new Promise(resolve => setTimeout(resolve, 500))
    expect((await shown(trusted)).certificate.serialNumber).toBe(first)
    const load = underLoad(trusted)
    clock.advance(2 * day)
    await eventually(async () => expect((await shown(trusted)).certificate.serialNumber).not.toBe(first), 60_000)
    // However soon that was: the load has to have gone over it.
    await eventually(() => expect(load.sent()).toBeGreaterThan(100), 30_000)
    expect(await load.stop()).toEqual([])
    expect(await domain()).toMatchObject({acm_status: 'cert issued'})
  })

  it('goes on in the next runtime, with the same account', async () => {
    const account = (): unknown => runtime.store.get("SELECT value FROM settings WHERE key LIKE 'acme.account.%'")
    const before = account()
    await runtime.close()
    await open()
    await api('POST', '/apps/shop/domains', {hostname: 'next.shop.example', sni_endpoint: null})
    await comesTo('cert issued', 'next.shop.example')
    expect(account()).toEqual(before)
  })

  it('says in the authority’s words why there is none, and tries again', async () => {
    await pebble.point('down.example', '127.0.0.2')
    await pebble.point('unknown.example', undefined)
    for (const hostname of ['down.example', 'unknown.example', 'blocked.example', '*.wild.example'])
      await api('POST', '/apps/shop/domains', {hostname, sni_endpoint: null})
    await comesTo('failing', 'down.example')
    expect((await domain('down.example')).acm_status_reason).toMatch(/connection refused/i)
    await comesTo('failing', 'unknown.example')
    expect((await domain('unknown.example')).acm_status_reason).toBe('DNS does not answer for unknown.example (ESERVFAIL)')
    await comesTo('failing', 'blocked.example')
    expect((await domain('blocked.example')).acm_status_reason).toMatch(/policy|blocked|forbid/i)
    await comesTo('failed', '*.wild.example')
    await pebble.point('down.example', '127.0.0.1')
    clock.advance(6 * 60_000)
    await comesTo('cert issued', 'down.example')
  })

  it('keeps what it has while the authority is away', async () => {
    const trusted = await pebble.root()
    const {certificate} = await shown(trusted)
    pebble.stop()
    clock.advance(61 * day)
    await comesTo('failing')
    expect((await domain()).acm_status_reason).toBe(`The certificate authority at ${new URL(pebble.directory).host} cannot be reached`)
    expect((await shown(trusted)).certificate.serialNumber).toBe(certificate.serialNumber)
  })
})

async function open(): Promise<void> {
  const env = {HOKKU_ROUTER_PORT: String(ports.http), HOKKU_ROUTER_TLS_PORT: String(ports.tls), HOKKU_ROUTER_BIND: '127.0.0.1'}
  runtime = await createRuntime({
    home: homeAt(directory),
    root,
    version: '0.0.0',
    hook: ['/bin/true'],
    engine: home => connectDocker({home}),
    router: (ground, upward) =>
      createRouter({
        ...ground,
        ...upward,
        env,
        ownCertificate: () => hostCertificate(['*'], ground.authority.server()),
        stackDirectory: join(root, 'stacks'),
      }),
    compiler: () => fakeCompiler(),
    acme: ground => ({
      authority: acmeAuthority({...ground, env: {HOKKU_ACME_DIRECTORY: pebble.directory}}),
      assertResolves: hostname => assertResolves(hostname, pebble.dns),
    }),
    apiPort: () => 1,
    onStop: () => undefined,
    clock,
    store: unsyncedStore,
  })
  await runtime.start()
  // To a clock that was moved by months, all of the engine's build cache is old, whoever made it.
  await runtime.services.collector.close()
}

async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
  const init = body === undefined ? {method} : {method, body: JSON.stringify(body), headers: {'Content-Type': 'application/json'}}
  const answer = await runtime.fetch(new Request(`http://127.0.0.1${path}`, init))
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as T
}

const domain = (hostname = host): Promise<Domain> => api('GET', `/apps/shop/domains/${encodeURIComponent(hostname)}`)

async function comesTo(status: string, hostname = host): Promise<void> {
  await eventually(async () => expect(await domain(hostname)).toMatchObject({acm_status: status}), 60_000)
}

function shown(ca: string): Promise<{authorized: boolean; certificate: X509Certificate}> {
  return new Promise((resolve, reject) => {
    const socket = connect({host: '127.0.0.1', port: ports.tls, servername: host, ca, rejectUnauthorized: false}, () => {
      resolve({authorized: socket.authorized, certificate: socket.getPeerX509Certificate() as X509Certificate})
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

/** Requests without pause, one by one on a connection that stays and each on one of its own; the blank app answers 502. */
function underLoad(ca: string): {sent(): number; stop(): Promise<string[]>} {
  const seen = {sent: 0, failed: [] as string[]}
  const staying = new Agent({keepAlive: true, maxSockets: 1})
  let going = true
  const ask = (agent: Agent | false): Promise<void> =>
    new Promise(resolve => {
      const sent = request({host: '127.0.0.1', port: ports.tls, servername: host, headers: {host}, ca, agent}, answer => {
        if (answer.statusCode !== 502) seen.failed.push(`status ${answer.statusCode}`)
        answer.on('end', resolve).resume()
      })
      sent.on('error', error => {
        seen.failed.push(error.message)
        resolve()
      })
      seen.sent += 1
      sent.end()
    })
  const worker = async (agent: Agent | false): Promise<void> => {
    while (going) await ask(agent)
  }
  const workers = [worker(staying), worker(false)]
  return {
    sent: () => seen.sent,
    async stop() {
      going = false
      await Promise.all(workers)
      staying.destroy()
      return seen.failed
    },
  }
}
