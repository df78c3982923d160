import {spawn} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import {once} from 'node:events'
import type {IncomingMessage, ServerResponse} from 'node:http'
import {connect as connectHttp2, constants} from 'node:http2'
import {request as requestTls} from 'node:https'
import {connect} from 'node:net'
import {connect as connectTls} from 'node:tls'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import type {Engine} from '../../src/lib/engine/engine.js'
import {routerCodes} from '../../src/lib/runtime/router/codes.js'
import type {Route} from '../../src/lib/runtime/router/router.js'
import {eventually} from '../support/eventually.js'
import {freePort} from '../support/free-port.js'
import {type Answer, answerOf, type Routing, startRouting} from '../support/routing.js'

/** What one request that goes wrong looks like, on both sides: the client's answer and the app's line. */
interface Row {
  code: string
  /** What is done, in the test's name. */
  when: string
  /** The app's route, beside what `routing.app` makes. */
  route?: () => Partial<Route> | Promise<Partial<Route>>
  /** Resolves with the answer, or with undefined when the client gets none or only a part. */
  act: (route: Route, path: string) => Promise<Answer | undefined>
  /** From the table in heroku-platform.md 3.4 and the samples of 3.3, not from the code. */
  line: {
    sock?: 'backend' | 'client'
    at: 'info' | 'warning' | 'error'
    desc: string
    cause?: string
    method?: string
    status: number | ''
    /** Values of `dyno`, `connect`, `service`, `bytes`; `#` is any number. Default: no dyno was reached. */
    dyno?: [dyno: string, connect: string, service: string, bytes: string]
    /** Of the protocol. */
    tail?: string
    agent?: string
  }
  answer?: {status: number; title: string}
}

const plain = 'protocol=http1.1 tls=false'
const error = {status: 503, title: 'Application error'}
const withoutDyno: [string, string, string, string] = ['', '', '', '']

const rows: Row[] = [
  {
    code: 'H10',
    when: 'all web dynos have crashed',
    route: () => ({state: 'crashed', targets: []}),
    act: get,
    line: {at: 'error', desc: 'App crashed', status: 503},
    answer: error,
  },
  {
    code: 'H11',
    when: 'a dyno has 200 requests already',
    act: (route, path) => behind(200, route, '/never?busy', () => get(route, path)),
    line: {at: 'error', desc: 'Backlog too deep', status: 503},
    answer: error,
  },
  {
    code: 'H11',
    when: '200 requests wait for a dyno to start',
    route: () => ({state: 'starting', targets: []}),
    act: (route, path) => behind(200, route, '/held', () => get(route, path)),
    line: {at: 'error', desc: 'Backlog too deep', status: 503},
    answer: error,
  },
  {
    code: 'H12',
    when: 'nothing comes for 30 s',
    act: (route, path) => get(route, `/never${path}`),
    line: {at: 'error', desc: 'Request timeout', status: 503, dyno: ['web.1', '#ms', '30###ms', '0']},
    answer: error,
  },
  {
    code: 'H13',
    when: 'the dyno closes without a word',
    act: (route, path) => get(route, `/closes${path}`),
    line: {at: 'error', desc: 'Connection closed without response', status: 503, dyno: ['web.1', '#ms', '#ms', '0']},
    answer: error,
  },
  {
    code: 'H14',
    when: 'no web dyno is wanted',
    route: () => ({state: 'no-web', targets: []}),
    act: get,
    line: {at: 'error', desc: 'No web processes running', status: 503},
    answer: error,
  },
  {
    code: 'H15',
    when: 'a response stalls for 55 s',
    act: (route, path) => partOf(route, `/stalls${path}`),
    line: {at: 'error', desc: 'Idle connection', status: 503, dyno: ['web.1', '#ms', '55###ms', '#']},
  },
  {
    code: 'H17',
    when: 'the dyno does not speak HTTP',
    act: (route, path) => get(route, `/garbage${path}`),
    line: {at: 'error', desc: 'Poorly formatted HTTP response', status: 503, dyno: ['web.1', '#ms', '#ms', '0']},
    answer: error,
  },
  {
    code: 'H18',
    when: 'the dyno breaks off in its response',
    act: (route, path) => partOf(route, `/half${path}`),
    line: {sock: 'backend', at: 'error', desc: 'Server Request Interrupted', status: 200, dyno: ['web.1', '#ms', '#ms', '#']},
  },
  {
    code: 'H19',
    when: 'no connection comes about in 5 s',
    route: async () => ({targets: [{dyno: 'web.1', address: '127.0.0.1', port: (await fullBacklog()).port}]}),
    act: get,
    line: {at: 'error', desc: 'Backend connection timeout', status: 503, dyno: ['web.1', '50##ms', '', '0']},
    answer: error,
  },
  {
    code: 'H20',
    when: 'the app does not start in 75 s',
    route: () => ({state: 'starting', targets: []}),
    act: get,
    line: {at: 'error', desc: 'App boot timeout', status: 503},
    answer: error,
  },
  {
    code: 'H21',
    when: 'the dyno refuses the connection',
    route: async () => ({targets: [{dyno: 'web.1', address: '127.0.0.1', port: await freePort()}]}),
    act: get,
    line: {at: 'error', desc: 'Backend connection refused', status: 503, dyno: ['web.1', '#ms', '', '0']},
    answer: error,
  },
  {
    code: 'H24',
    when: 'the router ends what is under way',
    act: (route, path) => broken(route, `/stalls${path}`, () => shutDown(route)),
    line: {at: 'error', desc: 'Forced close', status: '', dyno: ['web.1', '#ms', '#ms', '#']},
  },
  {
    code: 'H25',
    when: 'a cookie is longer than 8,192 bytes',
    act: (route, path) => get(route, `/cookie${path}`),
    line: {at: 'error', desc: 'HTTP restriction: oversized cookie', status: 502, dyno: ['web.1', '#ms', '#ms', '#']},
    answer: {...error, status: 502},
  },
  {
    code: 'H26',
    when: 'the client expects something unknown',
    act: (route, path) => routing.send({host: host(route), path, headers: {expect: 'miracles'}}),
    line: {at: 'error', desc: 'Request Error', cause: 'unsupported expect header value', status: 417},
    answer: {status: 417, title: ''},
  },
  {
    code: 'H26',
    when: 'a header line is longer than 8,192 bytes',
    act: (route, path) => routing.send({host: host(route), path, headers: {'x-long': 'a'.repeat(8_200)}}),
    line: {at: 'error', desc: 'Request Error', cause: 'bad header', status: 400},
    answer: {...error, status: 400},
  },
  {
    code: 'H26',
    when: 'a chunk of the body is none',
    act: (route, path) =>
      rawAnswer(`POST ${path} HTTP/1.1\r\nHost: ${host(route)}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`, 'nonsense\r\n'),
    line: {at: 'error', desc: 'Request Error', cause: 'bad chunk', method: 'POST', status: 400, dyno: ['web.1', '#ms', '#ms', '#']},
    answer: {...error, status: 400},
  },
  {
    code: 'H27',
    when: 'the client goes away before the response',
    act: (route, path) => broken(route, `/never${path}`),
    line: {sock: 'client', at: 'warning', desc: 'Client Request Interrupted', status: 499, dyno: ['web.1', '#ms', '#ms', '#']},
  },
  {
    code: 'H27',
    when: 'the client goes away while its request is held',
    route: () => ({state: 'starting', targets: []}),
    act: (route, path) => broken(route, path),
    line: {sock: 'client', at: 'warning', desc: 'Client Request Interrupted', status: 499},
  },
  {
    code: 'H28',
    when: 'a request’s body stalls for 55 s',
    act: (route, path) => stalledUpload(route, `/never${path}`),
    line: {at: 'warning', desc: 'Client Connection Idle', method: 'POST', status: 499, dyno: ['web.1', '#ms', '55###ms', '#']},
  },
  {
    code: 'H31',
    when: 'TLS was begun with another app',
    act: (route, path) => overTls(route, path, {servername: host(other)}),
    line: {
      at: 'error',
      desc: 'Misdirected Request',
      status: 421,
      tail: 'protocol=http1.1 tls=true tls_version=tls1.3',
      agent: 'curl/8 %22x%22',
    },
    answer: {status: 421, title: 'Misdirected request'},
  },
  {
    code: 'H33',
    when: 'the client breaks off one stream of HTTP/2',
    act: (route, path) => resetStream(route, `/never${path}`),
    line: {
      at: 'error',
      desc: 'HTTP/2 Stream Broken',
      status: '',
      dyno: ['web.1', '#ms', '#ms', '#'],
      tail: 'protocol=http2.0 tls=true tls_version=tls1.3',
    },
  },
  {
    code: 'H34',
    when: 'no dyno takes a connection for 75 s',
    route: async () => ({targets: [{dyno: 'web.1', address: '127.0.0.1', port: await freePort()}]}),
    act: async (route, path) => {
      await get(route, '/first')
      return get(route, path)
    },
    line: {at: 'error', desc: 'All up dynos are quarantined', status: 503},
    answer: error,
  },
  {
    code: 'H80',
    when: 'the app is in maintenance mode',
    route: () => ({state: 'maintenance', targets: []}),
    act: get,
    line: {at: 'info', desc: 'Maintenance mode', status: 503},
    answer: {status: 503, title: 'Offline for maintenance'},
  },
  {
    code: 'H81',
    when: 'nothing was ever deployed',
    route: () => ({state: 'blank', targets: []}),
    act: get,
    line: {at: 'info', desc: 'Blank app', status: 502},
    answer: {status: 502, title: 'Welcome to your new app'},
  },
]

const homeId = randomUUID()
const cleanups: (() => Promise<void> | void)[] = []
let engine: Engine
let routing: Routing
let other: Route
const routes = new Map<Row, Route>()

beforeAll(async () => {
  engine = await connectDocker({home: homeId})
  routing = await startRouting(engine, homeId, upstream)
  for (const row of rows) {
    const route = routing.app('up')
    const certificates = [routing.authority.shownFor(route.hosts)]
    routes.set(row, {...route, certificates, ...(await row.route?.())})
  }
  other = {...routing.app('up'), certificates: []}
  other.certificates = [routing.authority.shownFor(other.hosts)]
  await routing.router.publish([...routes.values(), other])
})

afterAll(async () => {
  for (const cleanup of cleanups) await cleanup()
  await routing?.close()
  await engine?.close()
})

describe.concurrent('router codes', () => {
  it.each(rows.map(row => [row.code, row.when, row] as const))('%s: %s', {timeout: 120_000}, async (code, _when, row) => {
    const route = routes.get(row)!
    const path = `/?it=${code}`
    const answer = await row.act(route, path)
    expect(await routing.lineOf(route, `it=${code}`)).toMatch(lineOf(row, route))
    expect(routing.lines(route).filter(line => line.includes(`it=${code}`))).toHaveLength(1)
    if (row.answer === undefined) return expect(answer).toBeUndefined()
    expect(answer).toMatchObject({status: row.answer.status})
    expect(/<title>(.*)<\/title>/.exec(answer!.body)?.[1] ?? '').toBe(row.answer.title)
    expect(answer!.headers).toMatchObject({via: '1.1 heroku-router', server: 'Heroku'})
    expect(answer!.headers).not.toHaveProperty('x-hokku-error')
    if (row.answer.title !== '')
      expect(answer!.headers).toMatchObject({'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache, no-store'})
  })
})

describe('the table', () => {
  it('has every code that the router knows, but for H99, which is a fault of its own', () => {
    expect([...new Set([...rows.map(row => row.code), 'H99'])].sort()).toEqual(Object.keys(routerCodes).sort())
  })
})

describe('H99', () => {
  it('is a request that fails in the runtime', async () => {
    const route = routing.app('starting')
    await routing.router.publish([route])
    const held = get(route, '/?it=H99')
    await routing.pause(300)
    // No port: HAProxy refuses it too.
    const impossible = {...route, state: 'up' as const, targets: [{dyno: 'web.1', address: '127.0.0.1', port: 70_000}]}
    const publishing = routing.router.publish([impossible]).catch(() => undefined)
    expect(await held).toMatchObject({status: 503, headers: {server: 'Heroku'}})
    expect(await routing.lineOf(route, 'it=H99')).toMatch(
      wholeLine(route, 'at=error code=H99 desc="Platform error"', '/?it=H99', withoutDyno, {status: 503, tail: plain}),
    )
    await publishing
  })
})

function lineOf({code, line}: Row, route: Route): RegExp {
  const {sock, at, desc, cause, method, status, dyno = withoutDyno, tail = plain, agent} = line
  const head = `${sock ? `sock=${sock} ` : ''}at=${at} code=${code} desc="${desc}"${cause ? ` cause="${cause}"` : ''}`
  return wholeLine(route, head, `it=${code}`, dyno, {status, tail: `${tail}${agent ? ` agent="${agent}"` : ''}`, ...(method && {method})})
}

/** The layout of heroku-platform.md 3.3, every key of it. */
function wholeLine(
  route: Route,
  head: string,
  path: string,
  [dyno, connectMs, service, bytes]: [string, string, string, string],
  {status, tail, method = 'GET'}: {status: number | ''; tail: string; method?: string},
): RegExp {
  const numbers = (text: string): string => escaped(text).replace(/#+/g, some => (some.length === 1 ? '\\d+' : `\\d{${some.length}}`))
  return new RegExp(
    `^${escaped(head)} method=${method} path="[^" ]*${escaped(path)}" host=${escaped(host(route))} ` +
      `request_id=[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12} fwd="127\\.0\\.0\\.1" dyno=${dyno} connect=${numbers(connectMs)} ` +
      `service=${numbers(service)} status=${status} bytes=${numbers(bytes)} ${escaped(tail)}$`,
  )
}

const escaped = (text: string): string => text.replace(/[.?*+^$()[\]{}|\\]/g, '\\$&')

function upstream(request: IncomingMessage, response: ServerResponse): void {
  const {pathname} = new URL(request.url ?? '/', 'http://upstream')
  if (pathname.startsWith('/never')) return
  if (pathname.startsWith('/closes')) request.socket.destroy()
  else if (pathname.startsWith('/garbage')) request.socket.end('this is not HTTP\r\n\r\n')
  else if (pathname.startsWith('/half')) response.writeHead(200, {'content-length': '1000'}).write('half', () => request.socket.destroy())
  else if (pathname.startsWith('/stalls')) response.writeHead(200, {'content-length': '1000'}).write('then nothing')
  else if (pathname.startsWith('/cookie')) response.setHeader('set-cookie', ['a=b', `c=${'d'.repeat(8_200)}`]).end()
  else request.resume().once('end', () => response.end('hello'))
}

const host = (route: Route): string => route.hosts[0]!

function get(route: Route, path: string): Promise<Answer> {
  return routing.get(host(route), path)
}

/** A response that is never whole. */
function partOf(route: Route, path: string): Promise<Answer | undefined> {
  return get(route, path).catch(() => undefined)
}

/** Begins a request and breaks it off, by itself or by what is given. */
async function broken(route: Route, path: string, by?: () => Promise<unknown>): Promise<undefined> {
  const sent = routing.open({host: host(route), path})
  const ended = answerOf(sent).catch(() => undefined)
  await routing.pause(500)
  if (by === undefined) sent.destroy()
  else await by()
  await ended
}

/** Does something while that many requests of the app are under way. */
async function behind<T>(count: number, route: Route, path: string, act: () => Promise<T>): Promise<T> {
  const sent = Array.from({length: count}, () => routing.open({host: host(route), path}))
  for (const one of sent) one.on('error', () => undefined).end()
  await Promise.all(sent.map(one => once(one, 'finish')))
  await routing.pause(1_000)
  try {
    return await act()
  } finally {
    for (const one of sent) one.destroy()
    await eventually(() => expect(routing.lines(route).filter(line => line.includes(`path="${path}"`))).toHaveLength(count))
  }
}

async function stalledUpload(route: Route, path: string): Promise<undefined> {
  const sent = routing.open({host: host(route), path, method: 'POST', headers: {'content-length': '100'}})
  sent.on('error', () => undefined).write('some')
  await once(sent, 'close')
}

async function serversOf(route: Route): Promise<string[]> {
  const row = (await routing.admin('show map /hokku/hosts.map')).split('\n').find(one => one.includes(` ${host(route)} `))
  const backend = row!.split(' ')[2]!.split(':')[1]!
  const states = (await routing.admin(`show servers state ${backend}`)).split('\n').map(one => one.split(' '))
  return states.flatMap(([, name, , server]) => (name === backend ? [`${backend}/${server}`] : []))
}

async function shutDown(route: Route): Promise<void> {
  for (const server of await serversOf(route)) await routing.admin(`shutdown sessions server ${server}`)
}

function overTls(route: Route, path: string, {servername}: {servername: string}): Promise<Answer> {
  const headers = {host: host(route), 'user-agent': 'curl/8 "x"'}
  return answerOf(
    requestTls({host: '127.0.0.1', port: routing.tlsPort, ca: routing.authority.certificate, servername, path, headers, agent: false}),
  )
}

async function resetStream(route: Route, path: string): Promise<undefined> {
  const name = host(route)
  const ca = routing.authority.certificate
  const session = connectHttp2(`https://${name}`, {
    createConnection: () => connectTls({host: '127.0.0.1', port: routing.tlsPort, ca, servername: name, ALPNProtocols: ['h2']}),
  })
  const stream = session.request({':path': path, ':authority': name})
  stream.on('error', () => undefined)
  await routing.pause(500)
  stream.close(constants.NGHTTP2_CANCEL)
  await routing.lineOf(route, path)
  session.destroy()
}

/** Sends these bytes, one after the other, and takes apart what comes until the end. */
async function rawAnswer(...texts: string[]): Promise<Answer> {
  const socket = connect(routing.port, '127.0.0.1')
  for (const text of texts) {
    socket.write(text)
    await routing.pause(300)
  }
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  const [head = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(lines.map(line => [line.split(': ')[0]!.toLowerCase(), line.slice(line.indexOf(': ') + 2)]))
  return {status: Number(first.split(' ')[1]), headers, body}
}

/** A port whose queue of connections is full: nobody refuses, nobody accepts. */
async function fullBacklog(): Promise<{port: number}> {
  const script = `const s = require('net').createServer(); s.listen({port: 0, host: '127.0.0.1', backlog: 1}, () => console.log(s.address().port))`
  const child = spawn(process.execPath, ['-e', script], {stdio: ['ignore', 'pipe', 'inherit']})
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(line.toString())
  child.kill('SIGSTOP')
  const fillers = Array.from({length: 8}, () => connect(port, '127.0.0.1').on('error', () => undefined))
  cleanups.push(async () => {
    for (const filler of fillers) filler.destroy()
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  await routing.pause(300)
  return {port}
}
