import {type IncomingMessage, type ServerResponse, STATUS_CODES} from 'node:http'
import type {Duplex} from 'node:stream'
import type {Client} from './fallback-request.js'

/** Headers of a page of ours, but for those that are given. */
function pageHeaders(body: string, given: Record<string, string> = {}): [string, string][] {
  const headers = {'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache, no-store', ...given}
  return [...Object.entries(headers), ['Content-Length', String(Buffer.byteLength(body))], ['Connection', 'close']]
}

/** A client that waits for an ordinary response. */
export function responseClient(request: IncomingMessage, response: ServerResponse): Client {
  const gone = new AbortController()
  response.once('close', () => response.writableFinished || gone.abort())
  return {
    request,
    gone: gone.signal,
    answer(status, body, headers) {
      response.writeHead(status, Object.fromEntries(pageHeaders(body, headers)))
      response.end(request.method === 'HEAD' ? undefined : body)
      request.resume()
    },
    begin(status, reason, headers) {
      response.sendDate = false
      response.writeHead(status, reason, headers)
      response.flushHeaders()
      return response
    },
    fail(page) {
      if (response.headersSent) response.destroy()
      else this.answer(503, page)
    },
    breakOff: () => response.destroy(),
  }
}

/** A client that asked for another protocol: its connection is ours, and the head of the answer is written by hand. */
export function upgradeClient(request: IncomingMessage, socket: Duplex, head: Buffer): Client {
  const gone = new AbortController()
  socket.once('close', () => gone.abort())
  socket.on('error', () => gone.abort())
  let began = false
  const writeHead = (status: number, reason: string, headers: string[]): void => {
    began = true
    const lines = Array.from({length: headers.length / 2}, (_, index) => `${headers[index * 2]}: ${headers[index * 2 + 1]}\r\n`)
    socket.write(`HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n`, 'latin1')
  }
  return {
    request,
    head,
    gone: gone.signal,
    answer(status, body, headers) {
      writeHead(status, STATUS_CODES[status] ?? '', pageHeaders(body, headers).flat())
      socket.end(body)
    },
    begin(status, reason, headers) {
      writeHead(status, reason, headers)
      return socket
    },
    fail(page) {
      if (began) socket.destroy()
      else this.answer(503, page)
    },
    breakOff: () => socket.destroy(),
  }
}
