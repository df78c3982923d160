import {createServer, type IncomingMessage, request, type Server, type ServerResponse} from 'node:http'
import {type AddressInfo, connect, type Socket} from 'node:net'
import {onFirstBytes, transportOf} from '../../src/lib/runtime/server/first-bytes.js'

/** A JSON answer of the runtime. */
export interface Exchange {
  method: string
  path: string
  status: number
  body: unknown
}

/** A port in front of the runtime's that passes everything on and keeps the JSON answers; TLS goes through unread. */
export class Recorder {
  readonly exchanges: Exchange[] = []

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {}

  static async start(target: number): Promise<Recorder> {
    const server = createServer()
    const recorder = new Recorder(server, target)
    const [serveHttp] = server.listeners('connection') as [(socket: Socket) => void]
    server.removeAllListeners('connection')
    server.on('connection', (socket: Socket) =>
      onFirstBytes(socket, transportOf, transport => (transport === 'tls' ? recorder.tunnel(socket) : serveHttp.call(server, socket))),
    )
    server.on('request', (request, response) => recorder.forward(request, response))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return recorder
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  stop(): void {
    this.server.close()
    this.server.closeAllConnections()
  }

  private tunnel(socket: Socket): void {
    const far = connect(this.target, '127.0.0.1')
    socket.pipe(far).pipe(socket)
    for (const [one, other] of [
      [socket, far],
      [far, socket],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
  }

  private forward(from: IncomingMessage, to: ServerResponse): void {
    const {method = 'GET', url: path = '/', headers} = from
    const sent = request({host: '127.0.0.1', port: this.target, method, path, headers}, answer => {
      to.writeHead(answer.statusCode ?? 500, answer.headers)
      const chunks: Buffer[] = []
      answer.on('data', chunk => chunks.push(chunk))
      answer.on('end', () => {
        if (!answer.headers['content-type']?.startsWith('application/json')) return
        this.exchanges.push({method, path, status: answer.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString())})
      })
      answer.pipe(to)
    })
    sent.on('error', () => to.destroy())
    from.pipe(sent)
  }
}
