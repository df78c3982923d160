import {randomUUID} from 'node:crypto'
import {once} from 'node:events'
import type {IncomingMessage, ServerResponse} from 'node:http'
import {connect as connectHttp2, constants} from 'node:http2'
import {createServer, request} from 'node:https'
import type {AddressInfo} from 'node:net'
import {type ConnectionOptions, connect, type PeerCertificate, type TLSSocket} from 'node:tls'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import type {Engine} from '../../src/lib/engine/engine.js'
import type {Route} from '../../src/lib/runtime/router/router.js'
import {days} from '../support/certificates.js'
import {type Answer, answerOf, type Routing, startRouting} from '../support/routing.js'
import {flawsOf, gradersMissing} from '../support/tls-grade.js'

const homeId = randomUUID()
let engine: Engine
let routing: Routing

beforeAll(async () => {
  engine = await connectDocker({home: homeId})
  routing = await startRouting(engine, homeId, upstream)
})

afterAll(async () => {
  await routing?.close()
  await engine?.close()
})

function upstream(incoming: IncomingMessage, response: ServerResponse): void {
  if (incoming.url === '/own-hsts') response.setHeader('strict-transport-security', 'max-age=5').end('own')
  else if (incoming.url === '/headers') response.end(JSON.stringify(incoming.headers))
  else if (incoming.url === '/echo') incoming.pipe(response)
  else response.end('hello')
}

/** An app that is up, with a certificate for each of its hosts. */
function app(hosts = [`${routing.unique()}.localhost`]): Route {
  return {...routing.app('up'), hosts, certificates: hosts.map(host => routing.authority.shownFor([host]))}
}

async function handshake(servername: string, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port: routing.tlsPort,
    ca: routing.authority.certificate,
    ...options,
    ...(servername && {servername}),
  })
  await Promise.race([once(socket, 'secureConnect'), once(socket, 'error').then(([error]) => Promise.reject(error))])
  return socket
}

async function shown(servername: string, options: ConnectionOptions = {}): Promise<PeerCertificate> {
  const socket = await handshake(servername, options)
  const certificate = socket.getPeerCertificate()
  socket.destroy()
  return certificate
}

function get(host: string, path: string): Promise<Answer> {
  const {tlsPort: port, authority} = routing
  return answerOf(request({host: '127.0.0.1', port, path, servername: host, headers: {host}, ca: authority.certificate, agent: false}))
}

describe('TLS', () => {
  it('answers for an app under its own certificate, and tells the dyno and the log', async () => {
    const route = app()
    await routing.router.publish([route])
    const {status, body} = await get(route.hosts[0]!, '/headers')
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({'x-forwarded-proto': 'https', 'x-forwarded-port': String(routing.tlsPort)})
    expect(await routing.lineOf(route, 'path="/headers"')).toMatch(/ protocol=http1\.1 tls=true tls_version=tls1\.3$/)
    expect(JSON.parse((await routing.get(route.hosts[0]!, '/headers')).body)).toMatchObject({'x-forwarded-proto': 'http'})
  })

  it('speaks TLS 1.2 and 1.3 and nothing older', async () => {
    const route = app()
    await routing.router.publish([route])
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await handshake(route.hosts[0]!, {minVersion: version, maxVersion: version})
      expect(socket.getProtocol()).toBe(version)
      socket.destroy()
    }
    const old = handshake(route.hosts[0]!, {minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0'})
    await expect(old).rejects.toThrow(/alert protocol version|alert number 70/i)
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('resumes a session of %s, whichever thread takes the next connection', async version => {
    const route = app()
    await routing.router.publish([route])
    let session: Buffer | undefined
    const reused: boolean[] = []
    for (let turn = 0; turn < 20; turn += 1) {
      const socket = await handshake(route.hosts[0]!, {minVersion: version, maxVersion: version, ...(session && {session})})
      reused.push(socket.isSessionReused())
      session = socket.getSession()
      // That of TLS 1.3 comes after the handshake.
      socket.on('session', given => {
        session = given
      })
      socket.resume().write(`GET / HTTP/1.1\r\nHost: ${route.hosts[0]}\r\nConnection: close\r\n\r\n`)
      await once(socket, 'close')
    }
    expect(reused).toEqual([false, ...Array(19).fill(true)])
  })

  it.skipIf(gradersMissing())(
    'gives openssl and curl nothing to complain about, under a local certificate',
    {timeout: 60_000},
    async () => {
      const route = app()
      await routing.router.publish([route])
      const local = {host: route.hosts[0]!, port: routing.tlsPort, authority: routing.authority.certificate}
      expect(await flawsOf(local)).toEqual([])
      const {server, port} = await carelessServer()
      const flaws = await flawsOf({...local, port}).finally(() => server.close())
      expect(flaws).toEqual(
        expect.arrayContaining([
          'speaks tls1_1',
          'does not speak tls1_3',
          'takes ciphers of aNULL',
          'renegotiates when the client asks',
          'takes ciphers of SHA1',
          'is not trusted: 62 (hostname mismatch)',
          'shows a certificate for another host',
          'has a certificate for more than 398 days',
          expect.stringContaining('curl cannot have HTTP/2'),
        ]),
      )
    },
  )

  it('speaks HTTP/2 with who asks for it, bodies and all, and says so in the log', async () => {
    const route = app()
    await routing.router.publish([route])
    const session = connectHttp2(`https://${route.hosts[0]}:${routing.tlsPort}`, {
      ca: routing.authority.certificate,
      lookup: (_host, _options, done) =>
        (done as (error: null, all: {address: string; family: number}[]) => void)(null, [{address: '127.0.0.1', family: 4}]),
    })
    const stream = session.request({':path': '/echo', ':method': 'POST'})
    stream.end('over HTTP/2')
    let body = ''
    stream.setEncoding('utf8').on('data', chunk => {
      body += chunk
    })
    const [headers] = await once(stream, 'response')
    await once(stream, 'end')
    session.close()
    expect(headers[constants.HTTP2_HEADER_STATUS]).toBe(200)
    expect(body).toBe('over HTTP/2')
    expect(await routing.lineOf(route, 'path="/echo"')).toMatch(/^at=info method=POST .* protocol=http2\.0 tls=true tls_version=tls1\.3$/)
  })

  it('shows a wildcard’s certificate one label down, an exact one before it, and its own to everybody else', async () => {
    const domain = `${routing.unique()}.test`
    const route = app([`*.${domain}`, `exact.${domain}`])
    await routing.router.publish([route])
    expect((await shown(`any.${domain}`)).subjectaltname).toBe(`DNS:*.${domain}`)
    expect((await shown(`exact.${domain}`)).subjectaltname).toBe(`DNS:exact.${domain}`)
    const lax = {rejectUnauthorized: false}
    expect((await shown(`a.b.${domain}`, lax)).subjectaltname).toContain('DNS:localhost')
    expect((await shown('', lax)).subjectaltname).toContain('DNS:localhost')
  })

  it('replaces a certificate, also many at once, and keeps connections', async () => {
    const one = app()
    const many = Array.from({length: 30}, () => app())
    await routing.router.publish([one, ...many])
    const before = await shown(one.hosts[0]!)
    const open = await handshake(one.hosts[0]!)
    for (const table of [
      [renewed(one), ...many],
      [renewed(one), ...many.map(renewed)],
    ]) {
      await routing.router.publish(table)
      expect((await shown(one.hosts[0]!)).fingerprint256).not.toBe(before.fingerprint256)
      expect((await get(many[7]!.hosts[0]!, '/')).body).toBe('hello')
    }
    open.write(`GET /headers HTTP/1.1\r\nHost: ${one.hosts[0]}\r\nConnection: close\r\n\r\n`)
    expect(String((await once(open, 'data'))[0])).toContain('200 OK')
    open.destroy()
  })

  it('is refused by clients once the certificate has expired', async () => {
    const host = `${routing.unique()}.localhost`
    await routing.router.publish([{...app([host]), certificates: [routing.authority.shownFor([host], [host], days(10, -1))]}])
    await expect(get(host, '/')).rejects.toThrow(/certificate has expired/)
  })

  it('goes on with the others when one certificate is broken, and after HAProxy was killed', async () => {
    const good = app()
    const bad = app()
    const broken = {...bad.certificates![0]!, pem: bad.certificates![0]!.pem.replace('MII', 'MIX'), name: 'broken'}
    await routing.router.publish([good, {...bad, certificates: [broken]}])
    expect((await get(good.hosts[0]!, '/')).body).toBe('hello')
    await expect(get(bad.hosts[0]!, '/')).rejects.toThrow(/altnames/)
    const [router] = await engine.observe({'hokku.home': homeId, 'hokku.kind': 'router'})
    await engine.remove(router!.id)
    await routing.router.publish([good, bad])
    expect((await get(good.hosts[0]!, '/')).body).toBe('hello')
    expect((await get(bad.hosts[0]!, '/')).body).toBe('hello')
  })

  it('asks the fallback server like plain HTTP does', async () => {
    const route = {...app(), state: 'maintenance' as const, targets: []}
    await routing.router.publish([route])
    expect((await get(route.hosts[0]!, '/')).status).toBe(503)
    expect(await routing.lineOf(route, 'path="/"')).toMatch(/code=H80 .* protocol=http1\.1 tls=true tls_version=tls1\.3$/)
  })
})

describe('an app that wants https', () => {
  it('has requests without TLS sent to the same address with it, in every state', async () => {
    const route = {...app(), forceHttps: true}
    const [host] = route.hosts as [string]
    for (const table of [[route], [{...route, state: 'maintenance' as const, targets: []}]]) {
      await routing.router.publish(table)
      const answer = await routing.get(host, '/a?b=1')
      expect([answer.status, answer.headers.location]).toEqual([301, `https://${host}:${routing.tlsPort}/a?b=1`])
      const posted = await routing.send({host: `${host}:${routing.port}`, path: '/echo', method: 'POST', body: 'kept'})
      expect([posted.status, posted.headers.location]).toEqual([308, `https://${host}:${routing.tlsPort}/echo`])
    }
    expect(await routing.lineOf(route, 'path="/a?b=1"')).toMatch(
      /^at=info method=GET .* dyno= connect= service= status=301 bytes= .* tls=false$/,
    )
    await routing.router.publish([route])
    const secure = await get(host, '/')
    expect([secure.body, secure.headers['strict-transport-security']]).toEqual(['hello', undefined])
  })

  it('has no browser sent to a host that its client made up', async () => {
    const route = {...app([`*.${routing.unique()}.test`]), forceHttps: true}
    await routing.router.publish([route])
    const made = route.hosts[0]!.replace('*', 'evil.example/')
    expect((await routing.get(made, '/')).headers.location).toBeUndefined()
  })

  it('tells browsers to stay with it, over TLS only, unless the app tells them something else', async () => {
    const route = {...app(), hsts: true}
    const [host] = route.hosts as [string]
    await routing.router.publish([route])
    expect((await get(host, '/')).headers['strict-transport-security']).toBe('max-age=31536000')
    expect((await get(host, '/own-hsts')).headers['strict-transport-security']).toBe('max-age=5')
    expect((await routing.get(host, '/')).headers['strict-transport-security']).toBeUndefined()
    expect(await routing.lineOf(route, 'path="/own-hsts"')).toContain(' dyno=web.1 ')
    await routing.restart()
    await routing.router.publish([route])
    expect((await get(host, '/')).headers['strict-transport-security']).toBe('max-age=31536000')
  })
})

describe('what a certificate authority asks for', () => {
  it('is answered whatever the app is like, and all else under that path by the app', async () => {
    routing.challenges.set('the-token', 'the-token.and-more')
    const path = '/.well-known/acme-challenge/the-token'
    const route = {...app(), forceHttps: true}
    const crashed = {...app(), state: 'crashed' as const, targets: []}
    const plain = app()
    await routing.router.publish([route, crashed, plain])
    for (const {hosts} of [route, crashed, plain]) {
      const answer = await routing.get(hosts[0]!, path)
      expect([answer.status, answer.body, answer.headers['content-type']]).toEqual([200, 'the-token.and-more', 'text/plain'])
    }
    expect((await routing.get(plain.hosts[0]!, '/.well-known/acme-challenge/another')).body).toBe('hello')
    routing.challenges.delete('the-token')
    expect((await routing.get(plain.hosts[0]!, path)).body).toBe('hello')
  })
})

/** Old versions and ciphers, and a certificate for another host and for too long. */
async function carelessServer(): Promise<{server: ReturnType<typeof createServer>; port: number}> {
  const {certificate, key} = routing.authority.issue(['other.localhost'], days(1, 500))
  const old = {minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'ALL:@SECLEVEL=0'} as const
  const server = createServer({cert: certificate, key, ...old}, (_, response) => response.end('careless'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {server, port: (server.address() as AddressInfo).port}
}

function renewed(route: Route): Route {
  return {...route, certificates: route.hosts.map(host => routing.authority.shownFor([host]))}
}
