import {mkdtemp, rm} from 'node:fs/promises'
import {createServer, type RequestListener} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {path} from '../../../src/lib/client/path.js'
import {socketTransport} from '../../../src/lib/client/transport.js'

async function serverOn(listener: RequestListener) {
  const directory = await mkdtemp(join(tmpdir(), 'hk-'))
  const socket = join(directory, 's.sock')
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(socket, resolve))
  return {
    transport: socketTransport(socket),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await rm(directory, {recursive: true, force: true})
    },
  }
}

describe('the transport', () => {
  it('sends JSON and reads JSON', async () => {
    await using server = await serverOn((request, response) => {
      request.toArray().then(chunks => {
        response.setHeader('content-type', 'application/json')
        response.end(
          JSON.stringify({method: request.method, accept: request.headers.accept, body: JSON.parse(Buffer.concat(chunks).toString())}),
        )
      })
    })
    expect(await server.transport.call('PATCH', '/x', {body: {name: 'ümlaut'}})).toEqual({
      method: 'PATCH',
      accept: 'application/vnd.heroku+json; version=3',
      body: {name: 'ümlaut'},
    })
  })

  it("throws the platform's error with its id, message and resource", async () => {
    await using server = await serverOn((_request, response) => {
      response.writeHead(404, {'content-type': 'application/json'})
      response.end(JSON.stringify({id: 'not_found', message: "Couldn't find that app.", resource: 'app'}))
    })
    await expect(server.transport.call('GET', '/x')).rejects.toMatchObject({
      name: 'PlatformError',
      id: 'not_found',
      message: "Couldn't find that app.",
      resource: 'app',
    })
  })

  it('makes an error of any answer, JSON or not', async () => {
    await using server = await serverOn((_request, response) => {
      response.writeHead(503)
      response.end('busy')
    })
    await expect(server.transport.call('GET', '/x')).rejects.toMatchObject({message: 'busy', status: 503})
  })

  it('follows Next-Range to the last page, but not past a max', async () => {
    const ranges: (string | undefined)[] = []
    const pages = [[1, 2], [3, 4], [5]]
    await using server = await serverOn((request, response) => {
      ranges.push(request.headers.range)
      const at = ranges.length - 1
      response.setHeader('content-type', 'application/json')
      if (at < pages.length - 1) response.setHeader('next-range', `id ]${at}..; max=2`)
      response.end(JSON.stringify(pages[at]))
    })
    expect(await server.transport.list('/x')).toEqual([1, 2, 3, 4, 5])
    expect(ranges).toEqual([undefined, 'id ]0..; max=2', 'id ]1..; max=2'])
    ranges.length = 0
    expect(await server.transport.list('/x', {range: 'id ..; max=2'})).toEqual([1, 2])
    ranges.length = 0
    expect(await server.transport.list('/x', {pages: 'id ..; max=2'})).toEqual([1, 2, 3, 4, 5])
    expect(ranges[0]).toBe('id ..; max=2')
  })

  it("reads the runtime's own absolute URLs through the socket", async () => {
    await using server = await serverOn((request, response) => response.end(request.url))
    const body = await (await server.transport.stream('GET', 'http://127.0.0.1:5080/streams/1?a=b')).toArray()
    expect(Buffer.concat(body).toString()).toBe('/streams/1?a=b')
  })
})

describe('a path', () => {
  it('escapes what is put into it', () => {
    expect(path`/apps/${'a/b'}/log-drains/${'syslog://x:1'}`).toBe('/apps/a%2Fb/log-drains/syslog%3A%2F%2Fx%3A1')
  })
})
