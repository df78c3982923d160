import {once} from 'node:events'
import {createServer, type IncomingMessage, type RequestListener, request} from 'node:http'
import {type AddressInfo, connect} from 'node:net'
import {text} from 'node:stream/consumers'
import {afterEach, describe, expect, it, vi} from 'vitest'
import {Challenges} from '../../../../src/lib/runtime/certificates/challenges.js'
import type {Limits} from '../../../../src/lib/runtime/router/fallback-proxy.js'
import {FallbackServer} from '../../../../src/lib/runtime/router/fallback-server.js'
import type {Route} from '../../../../src/lib/runtime/router/router.js'
import {systemClock} from '../../../../src/lib/runtime/support/clock.js'
import {silentLog} from '../../../../src/lib/runtime/support/runtime-log.js'
import {answerOf} from '../../../support/routing.js'
import {routeOf} from './route-of.js'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const limits: Limits = {hold: 10_000, connect: 2_000, firstByte: 10_000, idle: 10_000}

async function fallback(table: Route[], change: Partial<Limits> = {}) {
  const lines: string[] = []
  const challenges = new Challenges()
  const woken: string[] = []
  const server = new FallbackServer({
    wake: appId => void woken.push(appId),
    log: silentLog,
    logs: {append: (_appId, entry) => void lines.push(entry.message)},
    clock: systemClock,
    secret: 'secret',
    challenges,
    tlsPort: () => 8443,
    limits: {...limits, ...change},
  })
  const port = await server.listen(undefined, '127.0.0.1')
  cleanups.push(() => server.close())
  server.update(table)
  const open = (host: string, path = '/', headers: Record<string, string> = {}, method = 'GET') =>
    request({
      host: '127.0.0.1',
      port,
      path,
      method,
      agent: false,
      headers: {host, 'x-hokku-router': 'secret', 'x-request-id': 'the-id', 'x-forwarded-for': '1.2.3.4', ...headers},
    })
  const nextLine = async (): Promise<string> => {
    for (let tries = 0; tries < 200 && lines.length === 0; tries += 1) await systemClock.sleep(10)
    return lines.shift() ?? 'no line'
  }
  return {server, challenges, port, open, lines, nextLine, woken}
}

async function dyno(listener: RequestListener) {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
    socket.pipe(socket)
  })
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return {dyno: 'web.1', address: '127.0.0.1', port: (server.address() as AddressInfo).port}
}

const up = (...targets: Route['targets']): Route => ({...routeOf('app-1'), targets})

describe('the fallback server', () => {
  it('turns away whoever does not come through HAProxy', async () => {
    const {open, lines} = await fallback([routeOf('app-1', {state: 'crashed'})])
    expect((await answerOf(open('app-1.localhost', '/', {'x-hokku-router': 'guess!'}))).status).toBe(403)
    expect(lines).toEqual([])
  })

  it('answers unknown hosts with 404 and logs to nobody', async () => {
    const {open, lines} = await fallback([routeOf('app-1', {state: 'crashed'})])
    const answer = await answerOf(open('other.localhost'))
    expect(answer).toMatchObject({status: 404})
    expect(answer.body).toContain('No such app')
    expect(lines).toEqual([])
  })

  it.each([
    ['maintenance', 503, 'H80'],
    ['blank', 502, 'H81'],
    ['no-web', 503, 'H14'],
    ['crashed', 503, 'H10'],
  ] as const)('answers for an app that is %s with %i %s', async (state, status, code) => {
    const {open, nextLine} = await fallback([routeOf('app-1', {state})])
    expect((await answerOf(open('APP-1.localhost:80', '/x"'))).status).toBe(status)
    expect(await nextLine()).toMatch(
      new RegExp(
        `^at=(info|error) code=${code} desc="[^"]+" method=GET path="/x%22" host=APP-1.localhost:80 request_id=the-id fwd="1.2.3.4" dyno= connect= service= status=${status} bytes= protocol=http1.1 tls=false$`,
      ),
    )
  })

  it('shows the app’s own pages in a frame', async () => {
    const pages = {errorPageUrl: 'https://pages.test/error', maintenancePageUrl: 'https://pages.test/maintenance'}
    const {open, server} = await fallback([routeOf('app-1', {state: 'crashed', ...pages})])
    expect((await answerOf(open('app-1.localhost'))).body).toContain('src=https://pages.test/error>')
    server.update([routeOf('app-1', {state: 'maintenance', ...pages})])
    expect((await answerOf(open('app-1.localhost'))).body).toContain('src=https://pages.test/maintenance>')
  })

  it('holds a request until a dyno is up, and streams its body then', async () => {
    const target = await dyno((incoming, response) => {
      response.setHeader('seen', JSON.stringify(incoming.headers))
      incoming.pipe(response)
    })
    const {open, server, nextLine} = await fallback([routeOf('app-1', {state: 'starting'})])
    const held = answerOf(open('app-1.localhost', '/echo', {'content-type': 'text/plain'}, 'PUT'), 'a body')
    await systemClock.sleep(50)
    server.update([up(target)])
    const answer = await held
    expect(answer).toMatchObject({status: 200, body: 'a body'})
    const seen = JSON.parse(String(answer.headers['seen']))
    expect(seen).toMatchObject({
      host: 'app-1.localhost',
      'x-request-id': 'the-id',
      'x-forwarded-for': '1.2.3.4',
      'content-type': 'text/plain',
    })
    expect(seen).not.toHaveProperty('x-hokku-router')
    expect(await nextLine()).toMatch(/^at=info method=PUT path="\/echo" .* dyno=web\.1 connect=\d+ms service=\d+ms status=200 bytes=\d+ /)
  })

  it('wakes an app that sleeps, and holds the request until it is up', async () => {
    const target = await dyno((_incoming, response) => response.end('awake'))
    const {open, server, nextLine, woken} = await fallback([routeOf('app-1', {state: 'idle'})])
    const held = answerOf(open('app-1.localhost'))
    await vi.waitFor(() => expect(woken).toEqual(['app-1']))
    server.update([routeOf('app-1', {state: 'starting'})])
    await systemClock.sleep(20)
    server.update([up(target)])
    expect(await held).toMatchObject({status: 200, body: 'awake'})
    expect(await nextLine()).toMatch(/^at=info method=GET .* dyno=web.1 .* status=200 /)
    expect(woken).toEqual(['app-1'])
  })

  it('gives up a held request with H20 when its time is over, with H10 when the app crashes', async () => {
    const {open, server, nextLine} = await fallback([routeOf('app-1', {state: 'starting'})], {hold: 100})
    expect((await answerOf(open('app-1.localhost'))).status).toBe(503)
    expect(await nextLine()).toMatch(/^at=error code=H20 desc="App boot timeout" .* dyno= connect= service= status=503 bytes= /)
    const other = await fallback([routeOf('app-1', {state: 'starting'})])
    const held = answerOf(other.open('app-1.localhost'))
    await systemClock.sleep(50)
    other.server.update([routeOf('app-1', {state: 'crashed'})])
    expect((await held).status).toBe(503)
    expect(await other.nextLine()).toContain('code=H10')
    server.update([])
  })

  it('logs H27 for a client that leaves while it is held', async () => {
    const {open, nextLine} = await fallback([routeOf('app-1', {state: 'starting'})])
    const sent = open('app-1.localhost')
    sent.on('error', () => undefined).end()
    await systemClock.sleep(50)
    sent.destroy()
    expect(await nextLine()).toMatch(/^sock=client at=warning code=H27 .* status=499 /)
  })

  const failing: [string, RequestListener, Partial<Limits>, number | 'broken', RegExp][] = [
    ['H12', () => undefined, {firstByte: 100}, 503, /^at=error code=H12 .* dyno=web\.1 connect=\d+ms service=\d+ms status=503 bytes=0 /],
    ['H13', incoming => incoming.socket.destroy(), {}, 503, /^at=error code=H13 .* status=503 bytes=0 /],
    [
      'H15',
      (_, response) => void response.writeHead(200, {'content-length': '9'}).write('x'),
      {idle: 100},
      'broken',
      /^at=error code=H15 .* status=503 /,
    ],
    ['H17', incoming => void incoming.socket.end('garbage\r\n\r\n'), {}, 503, /^at=error code=H17 .* status=503 bytes=0 /],
    ['H17', incoming => void incoming.socket.end('HTTP/1.1 000 Zero\r\n\r\n'), {}, 503, /^at=error code=H17 .* status=503 bytes=0 /],
    [
      'H18',
      (incoming, response) => void response.writeHead(200, {'content-length': '9'}).write('x', () => incoming.socket.destroy()),
      {},
      'broken',
      /^sock=backend at=error code=H18 .* status=200 /,
    ],
  ]
  it.each(failing)('logs %s for a dyno that fails so', async (_code, listener, change, status, line) => {
    const {open, nextLine} = await fallback([up(await dyno(listener))], change)
    const answer = await answerOf(open('app-1.localhost')).catch(() => ({status: 'broken'}))
    expect(answer.status).toBe(status)
    expect(await nextLine()).toMatch(line)
  })

  it('refuses with H11 what an app has too much of, and takes more when it has more dynos', async () => {
    const starting = routeOf('app-1', {state: 'starting'})
    const {open, server, nextLine, lines} = await fallback([starting])
    const held = Array.from({length: 200}, () => answerOf(open('app-1.localhost')))
    await systemClock.sleep(300)
    expect((await answerOf(open('app-1.localhost'))).status).toBe(503)
    expect(await nextLine()).toMatch(/^at=error code=H11 desc="Backlog too deep" .* dyno= connect= service= status=503 bytes= /)
    server.update([{...starting, dynos: 2}])
    const more = answerOf(open('app-1.localhost'))
    await systemClock.sleep(100)
    server.update([routeOf('app-1', {state: 'crashed'})])
    await Promise.all([...held, more])
    await vi.waitFor(() => expect(lines.filter(line => line.includes('code=H10'))).toHaveLength(201))
    expect(lines).toHaveLength(201)
  })

  it('refuses with H31 whoever began TLS with another app', async () => {
    const {open, nextLine} = await fallback([up(await dyno((_, response) => void response.end('fine'))), routeOf('app-2')])
    const begun = (name: string) => ({'x-hokku-client': `1 TLSv1.3 ${Buffer.from(name).toString('base64')}`, 'user-agent': 'a"b'})
    expect((await answerOf(open('app-1.localhost', '/', begun('app-2.localhost')))).status).toBe(421)
    expect(await nextLine()).toMatch(
      /^at=error code=H31 desc="Misdirected Request" .* dyno= .* status=421 bytes= protocol=http1\.1 tls=true tls_version=tls1\.3 agent="a%22b"$/,
    )
    for (const name of ['APP-1.localhost', 'nobody.localhost', ''])
      expect((await answerOf(open('app-1.localhost', '/', begun(name)))).body).toBe('fine')
  })

  it('says H99 when it fails itself, and lives on', async () => {
    const {open, server, nextLine} = await fallback([up({dyno: 'web.1', address: '127.0.0.1', port: 70_000})])
    expect((await answerOf(open('app-1.localhost'))).status).toBe(503)
    expect(await nextLine()).toMatch(/^at=error code=H99 desc="Platform error" .* dyno= connect= service= status=503 bytes= /)
    server.update([up(await dyno((_, response) => void response.end('fine')))])
    expect((await answerOf(open('app-1.localhost'))).body).toBe('fine')
  })

  it('passes on requests and responses that announce a trailer and have no chunks to put it behind', async () => {
    const target = await dyno(incoming => {
      const body = `trailer: ${incoming.headers.trailer}`
      incoming.socket.end(`HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    })
    const {port} = await fallback([up(target)])
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: app-1.localhost\r\nX-Hokku-Router: secret\r\nTrailer: X-Sum\r\nConnection: close\r\n\r\n')
    expect(await text(socket)).toContain('trailer: undefined')
  })

  it('tries every dyno before it says H21', async () => {
    const closed = await dyno(() => undefined)
    await cleanups.pop()!()
    const {open, server, nextLine} = await fallback([routeOf('app-1', {state: 'starting'})])
    const held = answerOf(open('app-1.localhost'))
    await systemClock.sleep(50)
    server.update([up(closed, {...closed, dyno: 'web.2'})])
    expect((await held).status).toBe(503)
    expect(await nextLine()).toMatch(/^at=error code=H21 .* dyno=web\.[12] connect=\d+ms service= status=503 bytes=0 /)
    server.update([up(closed, {...(await dyno((_, response) => void response.end('fine'))), dyno: 'web.2'})])
    expect((await answerOf(open('app-1.localhost'))).body).toBe('fine')
  })

  it('tries dynos that HAProxy has quarantined until one takes the request, and says H34 when none does', async () => {
    const closed = await dyno(() => undefined)
    await cleanups.pop()!()
    const {open, server, nextLine} = await fallback([up(closed)], {hold: 1_000})
    const held = answerOf(open('app-1.localhost'))
    await systemClock.sleep(50)
    server.update([up(await dyno((_, response) => void response.end('fine')))])
    expect((await held).body).toBe('fine')
    await nextLine()
    server.update([up(closed)])
    expect((await answerOf(open('app-1.localhost'))).status).toBe(503)
    expect(await nextLine()).toMatch(/^at=error code=H34 desc="All up dynos are quarantined" .* dyno= connect= service= status=503 bytes= /)
  })

  it('opens a held WebSocket when a dyno is up, and answers one for a crashed app', async () => {
    const target = await dyno(() => undefined)
    const {open, server, nextLine} = await fallback([routeOf('app-1', {state: 'starting'})])
    const sent = open('app-1.localhost', '/socket', {connection: 'Upgrade', upgrade: 'echo'})
    sent.end()
    await systemClock.sleep(50)
    server.update([up(target)])
    const [, socket] = (await once(sent, 'upgrade')) as [IncomingMessage, import('node:stream').Duplex]
    socket.write('ping')
    expect(String((await once(socket, 'data'))[0])).toBe('ping')
    socket.end()
    expect(await nextLine()).toContain('status=101')
    server.update([routeOf('app-1', {state: 'crashed'})])
    const refused = await answerOf(open('app-1.localhost', '/socket', {connection: 'Upgrade', upgrade: 'echo'}))
    expect(refused.status).toBe(503)
  })
})
