import {once} from 'node:events'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {bridgeGateway} from './docker-api.js'

/** Where pip asks, by its own configuration or by default. */
const upstream = (process.env['PIP_INDEX_URL'] || 'https://pypi.org/simple').replace(/\/$/, '')

/** Whether PyPI, as it is reached here, lets clients keep what they fetch: pip goes by HTTP's headers, which some mirrors leave out. */
export async function pypiIsCachable(): Promise<boolean> {
  const {headers} = await fetch(`${upstream}/six/`)
  return headers.has('cache-control') || headers.has('etag')
}

/**
 * PyPI with the headers that it has by itself (a file may be kept for ever, a page for ten minutes), where build steps reach it: at this
 * machine's address on the engine's network. Undefined where that is no network of this machine. `configVars` lead pip to it.
 */
export async function packageIndex(): Promise<({configVars: Record<string, string>} & AsyncDisposable) | undefined> {
  // An engine in a VM has its own machine.
  if (process.platform !== 'linux') return undefined
  const address = await bridgeGateway()
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  await once(server.listen(0, address), 'listening')
  const {port} = server.address() as AddressInfo
  return {
    configVars: {PIP_INDEX_URL: `http://${address}:${port}/simple/`, PIP_TRUSTED_HOST: address},
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** A page's links to files of other hosts lead back here, where their address is the path. */
async function serve({url = ''}: IncomingMessage, response: ServerResponse): Promise<void> {
  const page = url.startsWith('/simple/')
  const answer = await fetch(
    page ? `${upstream}${url.slice('/simple'.length)}` : Buffer.from(url.split('/')[2] ?? '', 'base64url').toString(),
  )
  response.statusCode = answer.status
  response.setHeader('content-type', answer.headers.get('content-type') ?? 'application/octet-stream')
  response.setHeader('cache-control', page ? 'max-age=600, public' : 'max-age=365000000, immutable, public')
  response.end(page ? linkedHere(await answer.text(), answer.url) : Buffer.from(await answer.arrayBuffer()))
}

function linkedHere(html: string, base: string): string {
  return html.replace(/href="([^"#]+)(#[^"]*)?"/g, (_, link: string, fragment = '') => {
    const {href, pathname} = new URL(link, base)
    return `href="/files/${Buffer.from(href).toString('base64url')}/${pathname.split('/').at(-1)}${fragment}"`
  })
}
