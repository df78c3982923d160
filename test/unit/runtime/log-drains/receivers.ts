import {createServer as createHttpServer, type IncomingHttpHeaders} from 'node:http'
import {type AddressInfo, createServer, type Server, type Socket} from 'node:net'

/** Messages of a body or a connection, each without its count. Throws when a count is wrong. */
export function unframed(bytes: Buffer): string[] {
  const messages: string[] = []
  for (let rest = bytes; rest.length > 0; ) {
    const blank = rest.indexOf(' ')
    const length = Number(rest.subarray(0, blank).toString())
    const message = rest.subarray(blank + 1, blank + 1 + length).toString()
    if (!Number.isInteger(length) || !message.endsWith('\n')) throw new Error(`no frame: ${rest.toString().slice(0, 80)}`)
    messages.push(message.slice(0, -1))
    rest = rest.subarray(blank + 1 + length)
  }
  return messages
}

export interface Post {
  url: string
  headers: IncomingHttpHeaders
  messages: string[]
}

/** Takes posts, or refuses them while `status` is no 2xx; answers after `delay` ms. */
export async function httpReceiver() {
  const posts: Post[] = []
  const receiver = {
    status: 204,
    delay: 0,
    posts,
    port: 0,
    messages: () => posts.flatMap(post => post.messages),
    close: () => server.close(),
  }
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = []
    request
      .on('data', chunk => chunks.push(chunk))
      .on('end', () => {
        if (receiver.status < 300) posts.push({url: request.url ?? '', headers: request.headers, messages: unframed(Buffer.concat(chunks))})
        setTimeout(() => response.writeHead(receiver.status).end(), receiver.delay)
      })
  })
  receiver.port = await listening(server)
  return receiver
}

/** Takes connections and what comes over them. */
export async function syslogReceiver() {
  const sockets: Socket[] = []
  let bytes = Buffer.alloc(0)
  const server = createServer(socket => {
    sockets.push(socket)
    socket
      .on('data', chunk => {
        bytes = Buffer.concat([bytes, chunk])
      })
      .on('error', () => undefined)
  })
  const port = await listening(server)
  return {
    port,
    connections: () => sockets.length,
    messages: () => unframed(bytes),
    hangUp: () => sockets.at(-1)?.end(),
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function listening(server: Server): Promise<number> {
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}
