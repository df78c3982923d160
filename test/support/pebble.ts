import {execFile, spawn} from 'node:child_process'
import {existsSync} from 'node:fs'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {globalAgent, request as requestTls} from 'node:https'
import {homedir, tmpdir} from 'node:os'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {rootCertificates} from 'node:tls'
import {promisify} from 'node:util'
import {testAuthority} from './certificates.js'
import {eventually} from './eventually.js'
import {freePort} from './free-port.js'

/** Let's Encrypt's own ACME server for tests, from the Go module proxy. */
const version = 'v2.10.1'
const module = 'github.com/letsencrypt/pebble/v2'
const programs = ['pebble', 'pebble-challtestsrv']
const cache = join(process.env['HOKKU_PEBBLE_CACHE'] ?? join(homedir(), '.cache', 'hokku-pebble'), version)

/** Why there is no Pebble; undefined when it is installed. Takes half a minute the first time. */
export async function installPebble(): Promise<string | undefined> {
  if (programs.every(program => existsSync(join(cache, program)))) return undefined
  await mkdir(cache, {recursive: true})
  const env = {...process.env, GOBIN: cache, GOFLAGS: '-mod=mod'}
  try {
    for (const program of programs)
      await promisify(execFile)('go', ['install', `${module}/cmd/${program}@${version}`], {env, timeout: 280_000})
    return undefined
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? 'Go is not installed, which Pebble is built with' : message
  }
}

/** An ACME server with a DNS of its own, in which every name is 127.0.0.1 until it is said to be something else. */
export interface Pebble extends AsyncDisposable {
  directory: string
  /** `address:port`. */
  dns: string
  /** Root of what it issues, PEM. */
  root(): Promise<string>
  /** Lets DNS answer that for a name; no address is none. */
  point(hostname: string, address: string | undefined): Promise<void>
  /** Ends the ACME server. */
  stop(): void
}

/** Starts one that looks for its answers at `httpPort`. Requests of this process trust its own certificate meanwhile. */
export async function startPebble(httpPort: number): Promise<Pebble> {
  const folder = await mkdtemp(join(tmpdir(), 'hokku-pebble-'))
  const [port, management, dns, dnsManagement] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const authority = testAuthority()
  const own = authority.issue(['127.0.0.1', 'localhost'])
  await writeFile(join(folder, 'cert.pem'), own.certificate)
  await writeFile(join(folder, 'key.pem'), own.key)
  await writeFile(join(folder, 'config.json'), JSON.stringify({pebble: configuration({port, management, httpPort})}))
  globalAgent.options.ca = [...rootCertificates, authority.certificate]
  const names = spawn(join(cache, 'pebble-challtestsrv'), [
    ...['-dnsserver', `127.0.0.1:${dns}`, '-management', `127.0.0.1:${dnsManagement}`, '-defaultIPv6', ''],
    ...['-http01', '', '-https01', '', '-tlsalpn01', '', '-doh', ''],
  ])
  // Every proof is asked for anew, at once; one in twenty nonces is refused, as it is by default.
  const env = {...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_AUTHZREUSE: '0'}
  const server = spawn(join(cache, 'pebble'), ['-config', 'config.json', '-dnsserver', `127.0.0.1:${dns}`], {cwd: folder, env})
  for (const child of [names, server]) for (const stream of [child.stdout, child.stderr]) stream.resume()
  const get = (url: string): Promise<string> =>
    new Promise((resolve, reject) =>
      requestTls(url, answer => resolve(text(answer)))
        .on('error', reject)
        .end(),
    )
  const manage = async (path: string, body: unknown): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${dnsManagement}${path}`, {method: 'POST', body: JSON.stringify(body)})
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  }
  await eventually(
    async () => void (await Promise.all([get(`https://127.0.0.1:${port}/dir`), manage('/clear-a', {host: 'nobody.example'})])),
    20_000,
  )
  return {
    directory: `https://127.0.0.1:${port}/dir`,
    dns: `127.0.0.1:${dns}`,
    root: () => get(`https://127.0.0.1:${management}/roots/0`),
    async point(hostname, address) {
      await manage('/clear-a', {host: hostname})
      await manage('/clear-servfail', {host: hostname})
      if (address === undefined) await manage('/set-servfail', {host: hostname})
      else await manage('/add-a', {host: hostname, addresses: [address]})
    },
    stop: () => void server.kill('SIGKILL'),
    async [Symbol.asyncDispose]() {
      delete globalAgent.options.ca
      for (const child of [names, server]) child.kill('SIGKILL')
      await rm(folder, {recursive: true, force: true})
    },
  }
}

function configuration({port, management, httpPort}: Record<'port' | 'management' | 'httpPort', number>) {
  return {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: 'cert.pem',
    privateKey: 'key.pem',
    httpPort,
    tlsPort: 1,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
    domainBlocklist: ['blocked.example'],
    retryAfter: {authz: 1, order: 1},
    keyAlgorithm: 'ecdsa',
    profiles: {default: {description: 'as Let’s Encrypt does', validityPeriod: 90 * 86_400}},
  }
}
