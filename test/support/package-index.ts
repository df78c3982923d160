import {once} from 'node:events'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {networkInterfaces} from 'node:os'

const hosts = {index: 'https://pypi.org', files: 'https://files.pythonhosted.org'}

/** Whether PyPI, as it is reached here, lets clients keep what they fetch: pip goes by HTTP's headers, which some mirrors leave out. */
export async function pypiIsCachable(): Promise<boolean> {
  const {headers} = await fetch(`${hosts.index}/simple/six/`)
  return headers.has('cache-control') || headers.has('etag')
}

/**
 * PyPI with the headers that it has by itself (a file may be kept for ever, a page for ten minutes), where build steps reach it: at this
 * machine's address on the engine's network. Undefined where there is no such address. `configVars` lead pip to it.
 */
export async function packageIndex(): Promise<({configVars: Record<string, string>} & AsyncDisposable) | undefined> {
  const address = networkInterfaces()['docker0']?.find(({family}) => family === 'IPv4')?.address
  if (address === undefined) return undefined
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

async function serve({url = ''}: IncomingMessage, response: ServerResponse): Promise<void> {
  const page = url.startsWith('/simple/')
  const answer = await fetch(`${page ? hosts.index : hosts.files}${url}`)
  response.statusCode = answer.status
  response.setHeader('content-type', answer.headers.get('content-type') ?? 'application/octet-stream')
  response.setHeader('cache-control', page ? 'max-age=600, public' : 'max-age=365000000, immutable, public')
  response.end(page ? (await answer.text()).replaceAll(`${hosts.files}/`, '/') : Buffer.from(await answer.arrayBuffer()))
}
