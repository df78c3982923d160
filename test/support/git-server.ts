import {spawn} from 'node:child_process'
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'

export interface GitServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  url: string
  /** `GET /lib.git/info/refs`, in order. */
  requests: string[]
}

/** Repositories of a folder over smart HTTP, by git itself. What lies below `private/` wants a user and password. */
export async function gitServer(directory: string, password: string): Promise<GitServer> {
  const requests: string[] = []
  const wanted = `Basic ${Buffer.from(`deploy:${password}`).toString('base64')}`
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.replace(/\?.*/, '')}`)
    if (request.url?.startsWith('/private/') && request.headers.authorization !== wanted)
      response.writeHead(401, {'WWW-Authenticate': 'Basic realm="git"'}).end()
    else answer(directory, request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, [Symbol.asyncDispose]: () => closed(server)}
}

function answer(directory: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const env = {
    PATH: process.env['PATH'],
    GIT_PROJECT_ROOT: directory,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: path,
    QUERY_STRING: query,
    REQUEST_METHOD: request.method,
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
  }
  const backend = spawn('git', ['http-backend'], {env, stdio: ['pipe', 'pipe', 'ignore']})
  request.pipe(backend.stdin)
  backend.stdin.on('error', () => undefined)
  let head = Buffer.alloc(0)
  backend.stdout.on('data', (data: Buffer) => {
    if (response.headersSent) return void response.write(data)
    head = Buffer.concat([head, data])
    const end = head.indexOf('\r\n\r\n')
    if (end === -1) return
    const fields = head
      .toString('latin1', 0, end)
      .split('\r\n')
      .map(line => line.split(': ') as [string, string])
    const status = Number(fields.find(([name]) => name === 'Status')?.[1].slice(0, 3) ?? 200)
    response.writeHead(status, Object.fromEntries(fields.filter(([name]) => name !== 'Status')))
    response.write(head.subarray(end + 4))
  })
  backend.on('close', () => response.end())
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise(resolve => server.close(() => resolve()))
}
