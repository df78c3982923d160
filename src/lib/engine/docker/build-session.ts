import {Buffer} from 'node:buffer'
import {randomUUID} from 'node:crypto'
import {createServer, type ServerHttp2Stream} from 'node:http2'
import {Duplex} from 'node:stream'
import {buffer as readAll} from 'node:stream/consumers'
import type {DockerApi} from './api.js'
import {bytesField, fieldsOf, numberField} from './protobuf.js'

const notFound = 5
const unimplemented = 12

/** One gRPC method: the request's message in, the answer's message or a status out. */
type Method = (message: Buffer) => Buffer | {status: number; message: string}

/**
 * BuildKit's way back to us: gRPC over the connection of `POST /session`, where Docker is the client. It serves
 * secrets, no credentials (every base is local or public) and health, for BuildKit hangs up when the latter fails.
 */
export async function openBuildSession(api: DockerApi, secrets: Record<string, Buffer>): Promise<{id: string; close(): void}> {
  const id = randomUUID()
  const methods = servicesOf(secrets)
  const socket = await api.hijack({
    method: 'POST',
    path: '/session',
    headers: {
      Upgrade: 'h2c',
      'X-Docker-Expose-Session-Uuid': id,
      'X-Docker-Expose-Session-Name': 'hokku',
      'X-Docker-Expose-Session-Sharedkey': '',
      'X-Docker-Expose-Session-Grpc-Method': Object.keys(methods),
    },
    doing: 'open a build session',
  })
  const server = createServer()
  server.on('stream', (stream, headers) => void serve(stream, methods[String(headers[':path'])]))
  server.on('sessionError', () => socket.destroy())
  server.emit('connection', plainDuplex(socket))
  return {id, close: () => socket.destroy()}
}

function servicesOf(secrets: Record<string, Buffer>): Record<string, Method> {
  return {
    '/moby.buildkit.secrets.v1.Secrets/GetSecret': message => {
      const id = [...fieldsOf(message)].find(field => field.number === 1)?.value
      const secret = secrets[String(id)]
      return secret === undefined ? {status: notFound, message: `no secret ${id}`} : bytesField(1, secret)
    },
    '/moby.filesync.v1.Auth/Credentials': () => Buffer.alloc(0),
    '/grpc.health.v1.Health/Check': () => numberField(1, 1),
  }
}

async function serve(stream: ServerHttp2Stream, method: Method | undefined): Promise<void> {
  stream.on('error', () => stream.destroy())
  try {
    const framed = await readAll(stream)
    const answer = method === undefined ? {status: unimplemented, message: 'not offered'} : method(framed.subarray(5))
    respond(stream, answer)
  } catch {
    stream.destroy()
  }
}

function respond(stream: ServerHttp2Stream, answer: ReturnType<Method>): void {
  const headers = {':status': 200, 'content-type': 'application/grpc'}
  if (!Buffer.isBuffer(answer)) {
    stream.respond({...headers, 'grpc-status': String(answer.status), 'grpc-message': answer.message}, {endStream: true})
    return
  }
  stream.respond(headers, {waitForTrailers: true})
  stream.on('wantTrailers', () => stream.sendTrailers({'grpc-status': '0'}))
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(answer.length, 1)
  stream.end(Buffer.concat([prefix, answer]))
}

/** HTTP/2 reads a real socket below its stream and would miss the bytes that came with the upgrade. */
function plainDuplex(socket: Duplex): Duplex {
  const duplex = new Duplex({
    read: () => socket.resume(),
    write: (chunk, _encoding, done) => void socket.write(chunk, () => done()),
    final: done => void socket.end(() => done()),
    destroy: (error, done) => {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', (data: Buffer) => {
    if (!duplex.push(data)) socket.pause()
  })
  socket.once('end', () => duplex.push(null))
  socket.once('close', () => duplex.destroy())
  socket.once('error', () => duplex.destroy())
  return duplex
}
