import {createServer} from 'node:net'
import {PlatformError} from '../../schema/errors.js'
import type {Store} from '../store/store.js'
import {readSetting, writeSetting} from '../store/store.js'
import {isListening} from '../support/is-listening.js'

/** Where the router listens; chosen once per home and kept. */
export interface Listening {
  port: number
  /** For TLS. */
  tlsPort: number
  binds: string[]
}

const candidates = [80, 8080, 8081, 8082, 8083, 8084, 8085, 8086, 8087, 8088, 8089, 8090, 8880, 8888, 9080, 9081, 9082, 9083]
const tlsCandidates = [
  443,
  ...Array.from({length: 10}, (_, index) => 8443 + index),
  ...Array.from({length: 10}, (_, index) => 9443 + index),
]

/**
 * Ports 80 and 443 when they are free, else the first free ones of a list. HOKKU_ROUTER_PORT, HOKKU_ROUTER_TLS_PORT and
 * HOKKU_ROUTER_BIND (comma-separated addresses) override at the first start only. Throws PlatformError when a wanted port, or every
 * port, is taken.
 */
export async function chooseListening(store: Store, env: NodeJS.ProcessEnv): Promise<Listening> {
  const port = readSetting(store, 'router.port')
  const tlsPort = readSetting(store, 'router.tls-port')
  const kept = readSetting(store, 'router.bind')?.split(',')
  if (port !== undefined && tlsPort !== undefined && kept !== undefined) return {port: Number(port), tlsPort: Number(tlsPort), binds: kept}
  const binds = kept ?? (await usable((env['HOKKU_ROUTER_BIND'] || '127.0.0.1,::1').split(',').map(address => address.trim())))
  const chosen = {
    port: port === undefined ? await choosePort('HOKKU_ROUTER_PORT', env, candidates, binds) : Number(port),
    tlsPort: await choosePort('HOKKU_ROUTER_TLS_PORT', env, tlsCandidates, binds),
    binds,
  }
  writeSetting(store, 'router.port', String(chosen.port))
  writeSetting(store, 'router.tls-port', String(chosen.tlsPort))
  writeSetting(store, 'router.bind', chosen.binds.join(','))
  return chosen
}

/**
 * Throws when another program listens where the router should. HAProxy shares a port with whoever shares it (SO_REUSEPORT), the router
 * of another home for one, and each would get half of the other's requests.
 */
export async function assertFree({port, tlsPort, binds}: Listening): Promise<void> {
  for (const [wanted, address] of binds.flatMap(address => [port, tlsPort].map(one => [one, address] as const)))
    await assertPortFree(wanted, address)
}

/** Throws when another program listens there. */
export async function assertPortFree(port: number, address: string): Promise<void> {
  const code = await tryListen(port, address)
  if (code !== 'EADDRINUSE' && !(code === 'EACCES' && (await answers(port, address)))) return
  throw new PlatformError(
    'service_unavailable',
    `Port ${port} on ${address}, where the router listens, is used by another program. Stop that program, and the router starts by itself.`,
  )
}

type Variable = 'HOKKU_ROUTER_PORT' | 'HOKKU_ROUTER_TLS_PORT'

function portsToTry(variable: Variable, env: NodeJS.ProcessEnv, candidates: number[]): number[] {
  const given = env[variable]
  if (!given) return candidates
  const port = Number(given)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new PlatformError('invalid_params', `${variable} must be a port from 1 to 65535, not ${given}.`)
  return [port]
}

/** The one that the variable names, else the first of the candidates that is free. */
async function choosePort(variable: Variable, env: NodeJS.ProcessEnv, candidates: number[], binds: string[]): Promise<number> {
  const ports = portsToTry(variable, env, candidates)
  for (const port of ports) {
    const free = await Promise.all(binds.map(address => isFree(port, address)))
    if (free.every(Boolean)) return port
  }
  throw new PlatformError(
    'service_unavailable',
    `The router finds no free port on ${binds.join(', ')} (tried ${ports.join(', ')}). Free one of them, or name another with ${variable}.`,
  )
}

/** The addresses this machine has: without IPv6, `::1` is left out. */
async function usable(addresses: string[]): Promise<string[]> {
  const codes = await Promise.all(addresses.map(address => tryListen(0, address)))
  const found = addresses.filter((_, index) => codes[index] !== 'EADDRNOTAVAIL' && codes[index] !== 'EAFNOSUPPORT')
  if (found.length === 0)
    throw new PlatformError(
      'invalid_params',
      `This machine has none of the addresses the router should listen on: ${addresses.join(', ')}.`,
    )
  return found
}

/** A port we may not listen on ourselves (below 1024) is free when nothing answers there. */
async function isFree(port: number, address: string): Promise<boolean> {
  const code = await tryListen(port, address)
  if (code === 'EACCES') return !(await answers(port, address))
  return code === undefined
}

function tryListen(port: number, address: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', error => resolve((error as NodeJS.ErrnoException).code))
    server.listen(port, host(address), () => server.close(() => resolve(undefined)))
  })
}

function answers(port: number, address: string): Promise<boolean> {
  return isListening({port, host: address === '*' ? '127.0.0.1' : address})
}

const host = (address: string): string | undefined => (address === '*' ? undefined : address)
