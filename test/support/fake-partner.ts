import {createServer, type IncomingMessage} from 'node:http'
import type {AddressInfo} from 'node:net'

// biome-ignore lint/suspicious/noExplicitAny: what comes over HTTP is looked at freely in tests
export type Json = any

/** A request as a partner's service gets it. */
export interface PartnerRequest {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: Json
}

export interface PartnerReply {
  status: number
  body?: unknown
}

/** `hang`: never answers; `drop`: closes the connection. */
type Behaviour = (request: PartnerRequest) => PartnerReply | 'hang' | 'drop' | Promise<PartnerReply | 'hang' | 'drop'>

export interface FakePartner extends AsyncDisposable {
  url: string
  requests: PartnerRequest[]
  /** What it answers from now on. */
  behave(next: Behaviour): void
  /** A manifest of its service, as the Partner Portal writes them. */
  manifest(change?: (value: Json) => void): Json
}

/** The service of a partner, on a port of this machine. Until told otherwise it provisions at once and lets go of what it has. */
export async function fakePartner(): Promise<FakePartner> {
  const requests: PartnerRequest[] = []
  let behaviour: Behaviour = obliging
  const server = createServer(async (incoming, answer) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const {method = '', url = '', headers} = incoming
    const request = {method, path: url, headers, body: headers['content-type'] === 'application/json' ? JSON.parse(text || '{}') : text}
    requests.push(request)
    const reply = await behaviour(request)
    if (reply === 'hang') return
    if (reply === 'drop') return void incoming.socket.destroy()
    answer.writeHead(reply.status, {'Content-Type': 'application/json'})
    answer.end(reply.body === undefined ? undefined : JSON.stringify(reply.body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    requests,
    behave(next) {
      behaviour = next
    },
    manifest(change = () => undefined) {
      const value = structuredClone(manifest(url))
      change(value)
      return value
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

export function obliging({method, body}: PartnerRequest): PartnerReply {
  if (method === 'POST') return {status: 200, body: {id: body['uuid'], config: {ACME_URL: `acme://${body['uuid']}`}, message: 'Welcome.'}}
  return method === 'PUT' ? {status: 200, body: {}} : {status: 204}
}

function manifest(url: string) {
  return {
    $base: 12345,
    id: 'acme',
    name: 'Acme',
    plans: [
      {id: 'basic', price: '0', price_unit: 'month'},
      {id: 'premium', price: '12.50', price_unit: 'month'},
    ],
    api: {
      config_vars_prefix: 'ACME',
      config_vars: ['ACME_URL', 'ACME_TOKEN'],
      password: 'the-partners-password',
      sso_salt: 'the-partners-salt',
      regions: ['us', 'eu'],
      requires: ['many_per_app', 'attachable', 'syslog_drain'],
      version: '3',
      production: {base_url: `${url}/heroku/resources`, sso_url: `${url}/sso/login`},
      test: {base_url: 'http://localhost:4567/heroku/resources', sso_url: 'http://localhost:4567/sso/login'},
    },
  }
}
