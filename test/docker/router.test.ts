import {randomUUID} from 'node:crypto'
import {once} from 'node:events'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {type AddressInfo, connect} from 'node:net'
import type {Duplex} from 'node:stream'
import {text} from 'node:stream/consumers'
import {afterAll, beforeAll, describe, expect, it, onTestFinished} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import type {Engine} from '../../src/lib/engine/engine.js'
import {label} from '../../src/lib/engine/labels.js'
import type {Route, Target} from '../../src/lib/runtime/router/router.js'
import {routerContract} from '../contract/router.js'
import {eventually} from '../support/eventually.js'
import {freePort} from '../support/free-port.js'
import {type Routing, startRouting} from '../support/routing.js'

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

function upstream(request: IncomingMessage, response: ServerResponse): void {
  const {pathname} = new URL(request.url ?? '/', 'http://upstream')
  if (pathname === '/echo') request.pipe(response)
  else if (pathname === '/headers') response.end(JSON.stringify(request.rawHeaders))
  else if (pathname === '/504') response.writeHead(504, {server: 'mine'}).end('the app’s own')
  else if (pathname === '/slow') setTimeout(() => response.end('slow'), 1_000)
  else response.end('hello')
}

/** How often HAProxy could not connect with it. */
async function failedConnections({dyno, address, port}: Target): Promise<number> {
  const [names, ...rows] = (await routing.admin('show stat -1 4 -1')).split('\n').map(row => row.split(','))
  const row = rows.find(fields => fields[1] === `${dyno}_${address}_${port}`)
  return ['econ', 'wretr', 'wredis'].reduce((sum, name) => sum + Number(row?.[names!.indexOf(name)]), 0)
}

async function published(change: Partial<Route> = {}): Promise<Route> {
  const route = {...routing.app('up'), ...change}
  await routing.router.publish([route])
  return route
}

describe('a router', () => {
  routerContract(async () => routing)
})

describe('a dyno that left the table', () => {
  it('is quiet when its last request has ended, and the request is answered', async () => {
    const route = await published()
    const slow = routing.get(route.hosts[0]!, '/slow')
    await eventually(async () => expect(await isQuiet(route)).toBe(false))
    await routing.router.publish([])
    expect(await isQuiet(route)).toBe(false)
    await routing.router.quiet(route.targets[0]!, AbortSignal.timeout(20_000))
    expect(await slow).toMatchObject({status: 200, body: 'slow'})
    expect(await isQuiet(route)).toBe(true)
  })

  it('is not quiet while it has a WebSocket', async () => {
    const route = await published()
    const socket = connect(routing.port, '127.0.0.1')
    socket.write(`GET / HTTP/1.1\r\nHost: ${route.hosts[0]}\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`)
    await once(socket, 'data')
    await routing.router.publish([])
    await routing.pause(300)
    expect(await isQuiet(route)).toBe(false)
    socket.destroy()
    await routing.router.quiet(route.targets[0]!, AbortSignal.timeout(20_000))
  })

  /** Asked once: it may wait no longer. */
  async function isQuiet(route: Route): Promise<boolean> {
    return routing.router.quiet(route.targets[0]!, AbortSignal.timeout(10)).then(
      () => true,
      () => false,
    )
  }
})

describe('headers', () => {
  const seenBy = async (host: string, headers: Record<string, string>): Promise<Record<string, string>> => {
    const raw = JSON.parse((await routing.send({host, path: '/headers', headers})).body) as string[]
    const names = raw.filter((_, index) => index % 2 === 0).map(name => name.toLowerCase())
    expect(names).toEqual([...new Set(names)])
    return Object.fromEntries(raw.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1]!]] : [])))
  }

  it('the dyno gets Heroku’s headers, and those a client made up are replaced', async () => {
    const {hosts} = await published()
    const spoofed = {
      'x-forwarded-for': '1.2.3.4, 5.6.7.8',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
      'x-request-start': '1',
      te: 'x',
    }
    const seen = await seenBy(hosts[0]!, spoofed)
    expect(seen).toMatchObject({
      host: hosts[0],
      'x-forwarded-for': '1.2.3.4, 5.6.7.8, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': String(routing.port),
      via: '1.1 heroku-router',
    })
    expect(seen['x-request-start']).toMatch(/^\d{13}$/)
    expect(seen['x-request-id']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(seen).not.toHaveProperty('te')
  })

  it('a request id is kept if it has 20 to 200 characters of the alphabet', async () => {
    const {hosts} = await published()
    const good = `${'a'.repeat(15)}/+=-Z`
    expect((await seenBy(hosts[0]!, {'x-request-id': good}))['x-request-id']).toBe(good)
    for (const bad of ['a'.repeat(19), 'a'.repeat(201), `${'a'.repeat(30)},b`, `${'a'.repeat(30)} "x`])
      expect((await seenBy(hosts[0]!, {'x-request-id': bad}))['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('the client gets Via, and Server only if the app set none; the app’s own errors pass untouched', async () => {
    const {hosts} = await published()
    expect((await routing.get(hosts[0]!, '/')).headers).toMatchObject({via: '1.1 heroku-router', server: 'Heroku'})
    const own = await routing.get(hosts[0]!, '/504')
    expect(own).toMatchObject({status: 504, body: 'the app’s own'})
    expect(own.headers).toMatchObject({server: 'mine'})
  })

  it('100-continue is answered by the router, any other expectation is 417', async () => {
    const {hosts} = await published()
    const sent = routing.open({host: hosts[0]!, path: '/echo', method: 'POST', headers: {expect: '100-continue', 'content-length': '4'}})
    sent.flushHeaders()
    await once(sent, 'continue')
    sent.end('body')
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(200)
    const answer = await routing.send({host: hosts[0]!, path: '/x', method: 'POST', headers: {expect: 'miracles'}, body: 'x'})
    expect(answer.status).toBe(417)
  })

  it('100-continue reaches the dyno of an app that wants it, which may refuse a body that nobody has sent', async () => {
    const {hosts} = await published({endToEndContinue: true})
    const expecting = (path: string) =>
      routing.open({host: hosts[0]!, path, method: 'POST', headers: {expect: '100-continue', 'content-length': '4'}})
    const refused = expecting('/refuses')
    refused.on('continue', () => refused.destroy(new Error('the router has answered')))
    refused.flushHeaders()
    const [early] = (await once(refused, 'response')) as [IncomingMessage]
    expect(early.statusCode).toBe(413)
    refused.destroy()
    const taken = expecting('/echo')
    taken.flushHeaders()
    await once(taken, 'continue')
    taken.end('body')
    const [response] = (await once(taken, 'response')) as [IncomingMessage]
    expect(await text(response)).toBe('body')
    expect((await routing.send({host: hosts[0]!, path: '/x', headers: {expect: 'miracles'}})).status).toBe(417)
  })
})

describe('session affinity', () => {
  /** By name, as the router lines tell it. */
  const dynoOf = async (route: Route, cookie?: string): Promise<{dyno: string; cookie: string | undefined}> => {
    const path = `/${randomUUID()}`
    const {headers} = await routing.send({host: route.hosts[0]!, path, ...(cookie && {headers: {cookie: `a=b; ${cookie}; c=d`}})})
    const line = await routing.lineOf(route, path)
    return {dyno: / dyno=(\S+) /.exec(line)![1]!, cookie: headers['set-cookie']?.[0]}
  }
  const sticky = (route: Route, dynos: number, from = 1): Route => ({
    ...route,
    affinity: true,
    targets: routing.targets(dynos).map((target, index) => ({...target, dyno: `web.${from + index}`})),
  })

  it('a client gets to its dyno again, across scaling and deploys, and to another one when that is gone', async () => {
    const app = routing.app('up')
    await routing.router.publish([sticky(app, 3)])
    const first = await dynoOf(app)
    expect(first.cookie).toMatch(/^heroku-session-affinity=[\w-]{32}; path=\/; HttpOnly; Version=1; Max-Age=86400$/)
    const cookie = first.cookie!.split(';')[0]!
    const stays = async (): Promise<void> => {
      for (let times = 0; times < 12; times += 1) expect(await dynoOf(app, cookie)).toEqual({dyno: first.dyno, cookie: undefined})
    }
    await stays()
    for (const dynos of [4, 9, 3]) {
      await routing.router.publish([sticky(app, dynos)])
      await stays()
    }
    // A deploy: dynos of the same names elsewhere.
    await using elsewhere = await secondUpstream()
    const release = sticky(app, 3)
    await routing.router.publish([{...release, targets: release.targets.map(target => ({...target, port: elsewhere.port}))}])
    await stays()
    await routing.router.publish([sticky(app, 3, 4)])
    const moved = await dynoOf(app, cookie)
    expect(moved.dyno).toMatch(/^web\.[456]$/)
    expect(await dynoOf(app, moved.cookie!.split(';')[0])).toEqual({dyno: moved.dyno, cookie: undefined})
  })

  it('the dyno sees the client’s other cookies only, and without the feature there is none', async () => {
    const app = routing.app('up')
    await routing.router.publish([sticky(app, 2)])
    const {cookie} = await dynoOf(app)
    const headers = {cookie: `a=b; ${cookie!.split(';')[0]}; c=d`}
    const raw = JSON.parse((await routing.send({host: app.hosts[0]!, path: '/headers', headers})).body) as string[]
    expect(raw[raw.findIndex(name => name.toLowerCase() === 'cookie') + 1]).toBe('a=b; c=d')
    await routing.router.publish([{...app, targets: routing.targets(2)}])
    expect(await dynoOf(app)).toMatchObject({cookie: undefined})
  })
})

describe('other protocols', () => {
  it.each(['GET', 'POST', 'HEAD'])('%s with any Upgrade that the dyno takes becomes a pipe', async method => {
    const route = await published()
    const sent = routing.open({host: route.hosts[0]!, path: '/', method, headers: {connection: 'Upgrade', upgrade: 'my-protocol/7'}})
    sent.end()
    const [response, socket] = (await once(sent, 'upgrade')) as [IncomingMessage, Duplex]
    expect(response.statusCode).toBe(101)
    expect(await echo(socket, 'over')).toBe('over')
    socket.destroy()
    expect(await routing.lineOf(route, 'path="/"')).toMatch(new RegExp(`^at=info method=${method} .* status=101 bytes=\\d+ `))
  })
})

describe('router lines', () => {
  it('a request is one line in Heroku’s exact layout', async () => {
    const route = await published()
    await routing.send({
      host: route.hosts[0]!,
      path: '/a?b=1',
      headers: {'x-request-id': 'abcdefghijklmnopqrstuvwxyz', 'x-forwarded-for': '203.0.113.9'},
    })
    expect(await routing.lineOf(route, 'path="/a')).toMatch(
      new RegExp(
        `^at=info method=GET path="/a\\?b=1" host=${route.hosts[0]} request_id=abcdefghijklmnopqrstuvwxyz ` +
          `fwd="203\\.0\\.113\\.9, 127\\.0\\.0\\.1" dyno=web\\.1 connect=\\d+ms service=\\d+ms status=200 bytes=\\d+ protocol=http1\\.1 tls=false$`,
      ),
    )
  })

  it('a header line or a request line over 8,192 bytes is refused with 400', async () => {
    const {hosts} = await published()
    const status = async (path: string, header: string): Promise<number> =>
      (await routing.send({host: hosts[0]!, path, headers: {'x-long': header}})).status
    expect(await status('/', 'a'.repeat(8_000))).toBe(200)
    expect(await status('/', 'a'.repeat(8_200))).toBe(400)
    expect(await status(`/${'a'.repeat(8_100)}`, 'a')).toBe(200)
    expect(await status(`/${'a'.repeat(8_200)}`, 'a')).toBe(400)
  })

  it('nothing a client writes breaks a line or makes one up', async () => {
    const route = await published()
    const nasty = `/p"%0aat=info%20status=999'\\{}|~`
    const socket = connect(routing.port, '127.0.0.1')
    socket.write(
      Buffer.from(
        `GET ${nasty} HTTP/1.1\r\nHost: ${route.hosts[0]}\r\nX-Forwarded-For: "\tat=error code=H99 é\r\nConnection: close\r\n\r\n`,
        'latin1',
      ),
    )
    await once(socket.resume(), 'close')
    const line = await routing.lineOf(route, 'path="/p')
    expect(line).toContain(`path="/p%22%0aat=info%20status=999'%5C{}|~" host=`)
    expect(line).toMatch(/fwd="%22%09at=error code=H99 [%A-F0-9]+, 127\.0\.0\.1" dyno=web\.1/)
    expect(routing.lines(route)).toHaveLength(1)
  })

  it('one dyno that refuses is given up at once, with the app’s error page in a frame', async () => {
    const targets = [{dyno: 'web.1', address: '127.0.0.1', port: await freePort()}]
    const route = await published({targets, errorPageUrl: 'https://pages.test/error.html?a=1&b=2'})
    const began = Date.now()
    const answer = await routing.get(route.hosts[0]!, '/dead')
    expect(Date.now() - began).toBeLessThan(900)
    expect(answer.status).toBe(503)
    expect(answer.body).toContain('<iframe title=error src=https://pages.test/error.html?a=1&b=2></iframe>')
  })

  it('a refused connection is tried on another dyno', async () => {
    const dead = {dyno: 'web.2', address: '127.0.0.1', port: await freePort()}
    const route = await published({targets: [...routing.targets(), dead]})
    const answers = await Promise.all(Array.from({length: 40}, () => routing.get(route.hosts[0]!, '/')))
    expect(new Set(answers.map(answer => answer.status))).toEqual(new Set([200]))
  })

  it('a dyno that refused gets no request until it takes a connection again, 5 s later', async () => {
    const late = {dyno: 'web.2', address: '127.0.0.1', port: await freePort()}
    const route = await published({targets: [...routing.targets(), late]})
    const statuses = async (times: number) =>
      (await Promise.all(Array.from({length: times}, () => routing.get(route.hosts[0]!, '/')))).map(({status}) => status)
    // Until one has tried it; two at the same moment would both.
    await eventually(async () => {
      await statuses(1)
      expect(await failedConnections(late)).toBe(1)
    })
    expect(new Set(await statuses(40))).toEqual(new Set([200]))
    expect(await failedConnections(late)).toBe(1)
    const server = createServer((_, response) => void response.end('late')).listen(late.port, late.address)
    onTestFinished(() => void server.close().closeAllConnections())
    await eventually(async () => expect((await routing.get(route.hosts[0]!, '/')).body).toBe('late'))
  })

  it('a request waits while the only dyno refuses, once one has been refused', async () => {
    const target = {dyno: 'web.1', address: '127.0.0.1', port: await freePort()}
    const route = await published({targets: [target]})
    expect((await routing.get(route.hosts[0]!, '/first')).status).toBe(503)
    const waiting = routing.get(route.hosts[0]!, '/second')
    await routing.pause(300)
    const server = createServer((_, response) => void response.end('there')).listen(target.port, target.address)
    onTestFinished(() => void server.close().closeAllConnections())
    expect((await waiting).body).toBe('there')
    expect(await routing.lineOf(route, 'path="/first"')).toContain('code=H21')
    expect(await routing.lineOf(route, 'path="/second"')).toMatch(/^at=info .* dyno=web\.1 connect=\d+ms service=\d+ms status=200 /)
  })
})

describe('changes', () => {
  it('no request fails or lacks its line while dynos come and go and HAProxy reloads, and WebSockets stay open', {
    timeout: 300_000,
  }, async () => {
    const route = await published()
    const socket = await webSocket(route.hosts[0]!)
    const failures: string[] = []
    let served = 0
    let going = true
    const client = async (): Promise<void> => {
      while (going) {
        const answer = await routing.get(route.hosts[0]!, '/').catch(error => ({status: 0, body: String(error)}))
        if (answer.status !== 200) failures.push(`${answer.status} ${answer.body.slice(0, 80)}`)
        served += 1
      }
    }
    const clients = Array.from({length: 40}, client)
    onTestFinished(() => {
      going = false
    })
    for (let round = 0; round < 60; round += 1) {
      const more = round % 20 === 19 ? Array.from({length: 70 * (round + 1)}, () => routing.app('up')) : []
      const targets = routing.targets(12).slice(round % 6, (round % 6) + 1 + (round % 5))
      await routing.router.publish([{...route, targets}, ...more])
      // One that is silent for 55 s would be closed: on a slow machine this takes longer.
      expect(await echo(socket, `round ${round}`)).toBe(`round ${round}`)
      await routing.pause(20)
    }
    going = false
    await Promise.all(clients)
    expect(failures).toEqual([])
    expect(served).toBeGreaterThan(200)
    const answered = (): number => routing.lines(route).filter(line => line.includes(' status=200 ')).length
    for (let tries = 0; tries < 100 && answered() < served; tries += 1) await routing.pause(50)
    expect(answered()).toBe(served)
    expect(await echo(socket, 'still here')).toBe('still here')
    socket.destroy()
  })

  it('a request in flight on a dyno that leaves is finished', async () => {
    const route = await published()
    const slow = routing.get(route.hosts[0]!, '/slow')
    await routing.pause(300)
    await routing.router.publish([{...route, targets: [{...route.targets[0]!, dyno: 'web.7'}]}])
    expect((await slow).body).toBe('slow')
    expect(await routing.lineOf(route, '/slow')).toContain('dyno=web.1 ')
  })

  it('a WebSocket that is held while the app starts opens when it is up', async () => {
    const route = routing.app('starting')
    await routing.router.publish([route])
    const opening = webSocket(route.hosts[0]!)
    await routing.pause(200)
    await routing.router.publish([{...route, state: 'up', targets: routing.targets()}])
    const socket = await opening
    expect(await echo(socket, 'ping')).toBe('ping')
    socket.destroy()
  })
})

describe('restarts', () => {
  const containers = () => engine.observe({[label.home]: homeId, [label.kind]: 'router'})

  it('apps stay reachable while the runtime is away, and the next one adopts HAProxy', async () => {
    const route = await published({targets: routing.targets(3)})
    const [before] = await containers()
    await routing.router.close()
    expect((await routing.get(route.hosts[0]!, '/')).body).toBe('hello')
    expect((await routing.get(route.hosts[0]!, '/while-away')).body).toBe('hello')
    const exceptional = await routing.get('nobody.localhost', '/')
    expect(exceptional.status).toBe(503)
    expect(routing.lines(route).join()).not.toContain('/while-away')
    await routing.restart()
    expect(await routing.lineOf(route, '/while-away')).toContain('status=200')
    expect(await containers()).toMatchObject([{id: before!.id, startedAt: before!.startedAt}])
    expect((await routing.get(route.hosts[0]!, '/adopted')).body).toBe('hello')
    expect(await routing.lineOf(route, '/adopted')).toContain('status=200')
    await routing.router.publish([{...route, targets: [{...routing.targets()[0]!, dyno: 'web.9'}]}])
    await routing.get(route.hosts[0]!, '/after')
    expect(await routing.lineOf(route, '/after')).toContain('dyno=web.9 ')
    expect(routing.lines(route).filter(line => line.includes('/after'))).toHaveLength(1)
  })

  it('a router that was killed is back with its table', async () => {
    const route = await published()
    const [container] = await containers()
    await engine.kill(container!.id, 'SIGKILL')
    const answers = async (): Promise<number> => (await routing.get(route.hosts[0]!, '/').catch(() => ({status: 0}))).status
    for (let tries = 0; tries < 100 && (await answers()) !== 200; tries += 1) await routing.pause(100)
    expect(await answers()).toBe(200)
    await routing.router.publish([{...route, targets: [{...routing.targets()[0]!, dyno: 'web.5'}]}])
    await routing.get(route.hosts[0]!, '/after-kill')
    expect(await routing.lineOf(route, '/after-kill')).toContain('dyno=web.5 ')
  })

  it('a stranger who reaches the fallback server is turned away', async () => {
    const [container] = await containers()
    expect(container).toBeDefined()
    const route = routing.app('crashed')
    await routing.router.publish([route])
    const answer = await routing.send({host: route.hosts[0]!, path: '/', headers: {'x-hokku-router': 'guess'}})
    expect(answer.status).toBe(503)
  })
})

async function secondUpstream(): Promise<AsyncDisposable & {port: number}> {
  const server = createServer(upstream)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function webSocket(host: string): Promise<Duplex> {
  const sent = routing.open({host, path: '/socket', headers: {connection: 'Upgrade', upgrade: 'echo'}})
  sent.end()
  const [, socket] = (await once(sent, 'upgrade')) as [IncomingMessage, Duplex]
  return socket
}

/** What comes back for a text; rejects where the connection is closed instead. */
function echo(socket: Duplex, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error('The WebSocket was closed.'))
    if (socket.destroyed) return gone()
    socket.once('close', gone).once('data', chunk => {
      socket.off('close', gone)
      resolve(String(chunk))
    })
    socket.write(text)
  })
}
