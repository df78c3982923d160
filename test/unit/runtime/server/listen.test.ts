import {request as requestPlain, type Server} from 'node:http'
import {request as requestTls} from 'node:https'
import {type AddressInfo, connect, type Socket} from 'node:net'
import {Duplex, PassThrough} from 'node:stream'
import {text} from 'node:stream/consumers'
import {connect as connectTls, type TLSSocket} from 'node:tls'
import {Hono} from 'hono'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Attachables} from '../../../../src/lib/runtime/server/attachables.js'
import {listenOnPort} from '../../../../src/lib/runtime/server/listen.js'
import type {Api, ApiEnv} from '../../../../src/lib/runtime/server/services.js'
import {makeAuthority, makeLeaf, signerOf} from '../../../../src/lib/runtime/support/x509.js'

const names = ['127.0.0.1', 'localhost']
const validity = {from: new Date(Date.now() - 86_400_000), to: new Date(Date.now() + 86_400_000)}
const authority = makeAuthority('Test authority', names, validity)
const ca = authority.certificate
const secret = 'a'.repeat(32)
const withoutTerminal = 'c'.repeat(32)
const letGoOf = 'd'.repeat(32)

describe('the port of the API', () => {
  let server: Server
  let port: number
  let identity = makeLeaf(signerOf(authority, 'Test authority'), names, validity)
  let process: {stdin: PassThrough; stdout: PassThrough}
  let lettingGo: PassThrough

  beforeEach(async () => {
    process = {stdin: new PassThrough(), stdout: new PassThrough()}
    lettingGo = new PassThrough()
    const stream = Duplex.from({readable: process.stdout, writable: process.stdin})
    const session = {stream, resize: async () => undefined, ended: new Promise<number>(() => undefined)}
    const attachables = new Attachables(asked => {
      if (asked === withoutTerminal) return {...session, terminal: false}
      if (asked === letGoOf) return {...session, stream: lettingGo}
      return asked === secret ? session : undefined
    })
    const api: Api = new Hono<ApiEnv>()
    api.post('/echo', async c => c.text(`${new URL(c.req.url).protocol} ${(await c.req.text()).length}`))
    server = await listenOnPort(api, 0, {identity: () => identity, meet: attachables.meet.bind(attachables)})
    port = (server.address() as AddressInfo).port
  })
  afterEach(() => {
    server.close()
    server.closeAllConnections()
  })

  const post = (secure: boolean, body: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const request = secure ? requestTls : requestPlain
      const sent = request({host: '127.0.0.1', port, path: '/echo', method: 'POST', ca, agent: false}, answer => resolve(text(answer)))
      sent.on('error', reject)
      sent.end(body)
    })
  const secured = async (options: {ca?: string} = {ca}): Promise<TLSSocket> => {
    const socket = connectTls({host: '127.0.0.1', port, ...options})
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
    return socket
  }

  it('speaks HTTP and HTTPS, with bodies of many packets', async () => {
    const body = 'x'.repeat(3_000_000)
    expect(await post(false, body)).toBe('http: 3000000')
    expect(await post(true, body)).toBe('https: 3000000')
  })

  it('waits for requests that come in pieces', async () => {
    const socket = connect(port, '127.0.0.1')
    const answer = text(socket)
    for (const piece of ['P', 'OST /echo HTTP/1.1\r\nHost: localhost\r\nConn', 'ection: close\r\nContent-Length: 2\r\n\r\nh', 'i']) {
      socket.write(piece)
      await new Promise(resolve => setTimeout(resolve, 10))
    }
    expect(await answer).toContain('http: 2')
  })

  it('joins a client with its dyno after an answer in a chunk of its own', async () => {
    process.stdout.write('said before anybody came')
    const socket = await secured()
    socket.write(`${secret}\r\n`)
    const chunks: string[] = []
    socket.on('data', chunk => chunks.push(String(chunk)))
    await new Promise(resolve => process.stdin.once('data', resolve) && socket.write('typed'))
    process.stdout.end(', and after')
    await new Promise(resolve => socket.once('close', resolve))
    expect(chunks[0]).toBe('rendezvous\r\n')
    expect(chunks.slice(1).join('')).toBe('said before anybody came, and after')
  })

  it('takes a secret that comes in pieces, with what is typed behind it', async () => {
    const socket = await secured()
    const typed = new Promise(resolve => process.stdin.once('data', chunk => resolve(String(chunk))))
    socket.write(secret.slice(0, 5))
    await new Promise(resolve => setTimeout(resolve, 10))
    socket.write(`${secret.slice(5)}\r\nls`)
    expect(await typed).toBe('ls')
    socket.destroy()
  })

  it.each([
    {whose: 'a process without a terminal', given: withoutTerminal, expected: 'data'},
    {whose: 'a process with one', given: secret, expected: 'data\u0004'},
  ])('tells the end of stdin to $whose in its way', async ({given, expected}) => {
    const socket = await secured()
    socket.setNoDelay(true).write(`${given}\r\n`)
    await new Promise(resolve => socket.once('data', resolve))
    const received = text(process.stdin)
    socket.write('data')
    socket.write('\u0004')
    if (given === secret) socket.end()
    expect(await received).toBe(expected)
    socket.destroy()
  })

  it('closes the connection of a client whose dyno lets go of it', async () => {
    const socket = await secured()
    socket.write(`${letGoOf}\r\n`)
    await new Promise(resolve => socket.once('data', resolve))
    lettingGo.destroy()
    await new Promise(resolve => socket.on('error', () => undefined).once('close', resolve))
  })

  it('closes the connection of a secret that nobody waits for', async () => {
    const socket = await secured()
    socket.write(`${'b'.repeat(32)}\r\n`)
    expect(await text(socket)).toBe('')
  })

  it('is not trusted without its authority', async () => {
    await expect(secured({})).rejects.toThrow(/certificate/)
  })

  it('serves a new certificate to new connections', async () => {
    const serial = async (): Promise<string> => (await secured()).getPeerCertificate().serialNumber
    const first = await serial()
    identity = makeLeaf(signerOf(authority, 'Test authority'), names, validity)
    expect(await serial()).not.toBe(first)
  })

  it('is not troubled by a client that is gone when its upgrade is refused', async () => {
    const [read, write] = [() => undefined, (_chunk: unknown, _encoding: unknown, done: (error: Error) => void) => done(new Error('reset'))]
    const gone = new Duplex({read, write})
    const closed = new Promise(resolve => gone.once('close', resolve))
    server.emit('upgrade', {url: '/'}, gone, Buffer.alloc(0))
    await closed
    expect(gone.listenerCount('error')).toBe(1)
  })

  it('lets go of connections that end before they say what they want', async () => {
    const socket: Socket = connect(port, '127.0.0.1')
    socket.end()
    expect(await text(socket)).toBe('')
  })
})

describe('an authority', () => {
  it('certifies no other names', async () => {
    const narrow = makeAuthority('Narrow', ['localhost'], validity)
    const identity = makeLeaf(signerOf(narrow, 'Narrow'), ['127.0.0.1'], validity)
    const server = await listenOnPort(new Hono<ApiEnv>(), 0, {identity: () => identity, meet: () => false})
    const socket = connectTls({host: '127.0.0.1', port: (server.address() as AddressInfo).port, ca: narrow.certificate})
    const failed = new Promise<Error>(resolve => socket.once('error', resolve))
    expect((await failed).message).toContain('permitted subtree violation')
    server.close()
  })
})
