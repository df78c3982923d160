import {appendFileSync, closeSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync, writeSync} from 'node:fs'
import type {Server} from 'node:http'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {connectDocker} from '../engine/docker/docker-engine.js'
import {PlatformError} from '../schema/errors.js'
import {type Home, resolveHome} from '../schema/home.js'
import {acmeAuthority} from './acm/acme-authority.js'
import {assertResolves} from './acm/resolve.js'
import {hostCertificate} from './certificates/host-certificates.js'
import {takeLockUnlessServed} from './lock.js'
import {createRouter} from './router/haproxy-router.js'
import {chooseListening} from './router/port.js'
import {createRuntime, type Runtime} from './runtime.js'
import {listenOnPort, listenOnSocket} from './server/listen.js'
import {createSlugCompiler} from './slugs/slug-compiler.js'
import {readSetting, writeSetting} from './store/store.js'
import {type RuntimeLog, runtimeLog} from './support/runtime-log.js'
import {packageRoot, packageVersion} from './support/version.js'

/** First port tried for the TCP side; the one that was free is kept. */
const firstPort = 5080
/** How long builds may go on after the runtime was asked to leave, in ms. */
const patience = 45_000
/** How long another runtime that started at the same time may take until it listens, in ms. */
const startPatience = 50_000
const logLimit = 10 * 1024 * 1024

/** Runs the runtime of a home until it is told to stop. Says on fd HOKKU_READY_FD when it answers, or why it cannot. */
export async function serve(home: Home): Promise<void> {
  const log = openLog(home)
  process.on('uncaughtException', error => log.error('uncaught', {error}))
  process.on('unhandledRejection', error =>
    log.error('unhandled rejection', {error: error instanceof Error ? error : new Error(String(error))}),
  )
  const root = packageRoot()
  let port = 0
  const stopping = new AbortController()
  const runtime = await createRuntime({
    home,
    root,
    version: packageVersion(root),
    hook: [process.execPath, join(root, 'dist', 'git-hook.js')],
    engine: homeId => connectDocker({home: homeId}),
    router: (ground, upward) =>
      createRouter({
        ...ground,
        ...upward,
        ownCertificate: () => hostCertificate(['*'], ground.authority.server()),
        stackDirectory: join(root, 'stacks'),
      }),
    compiler: ground => createSlugCompiler(ground),
    acme: ground => ({
      authority: acmeAuthority({...ground, env: process.env}),
      assertResolves: hostname => assertResolves(hostname, process.env['HOKKU_ACME_DNS']),
    }),
    apiPort: () => port,
    onStop: () => stopping.abort(),
    log,
  })
  const servers = [await listenOnSocket(runtime.api, home, (...args) => runtime.attachables.take(...args))]
  writeFileSync(home.pid, `${process.pid}\n`, {mode: 0o600})
  const tcp = await listenOnTcp(runtime)
  servers.push(tcp.server)
  port = tcp.port
  runtime.services.routerAddress = await chooseListening(runtime.store, process.env)
  report({ready: true})
  log.info('runtime answers', {pid: process.pid, port})
  await runtime.start()
  await untilStopped(stopping)
  await Promise.race([runtime.services.builds.idle(), sleep(patience)])
  rmSync(home.pid, {force: true})
  await close(runtime, servers, log)
}

async function listenOnTcp(runtime: Runtime): Promise<{server: Server; port: number}> {
  const {store, authority, attachables} = runtime
  const encrypted = {identity: () => authority.server(), meet: attachables.meet.bind(attachables)}
  const kept = Number(process.env['HOKKU_API_PORT'] || (readSetting(store, 'api.port') ?? 0))
  const candidates = kept > 0 ? [kept] : Array.from({length: 100}, (_, index) => firstPort + index)
  for (const port of candidates) {
    const server = await listenOnPort(runtime.api, port, encrypted).catch(error => {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    })
    if (server === undefined) continue
    writeSetting(store, 'api.port', String(port))
    return {server, port}
  }
  throw new PlatformError(
    'conflict',
    kept > 0
      ? `Port ${kept} on 127.0.0.1, which the git remotes of your apps name, is used by another program. Stop that program, or choose another port once and for all with HOKKU_API_PORT, then run git:remote in each app's folder.`
      : `No port from ${firstPort} to ${firstPort + 99} on 127.0.0.1 is free.`,
  )
}

function untilStopped(stopping: AbortController): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => stopping.abort())
  return new Promise(resolve => {
    if (stopping.signal.aborted) resolve()
    stopping.signal.addEventListener('abort', () => resolve(), {once: true})
  })
}

async function close(runtime: Runtime, servers: Server[], log: RuntimeLog): Promise<void> {
  for (const server of servers) {
    server.close()
    server.closeIdleConnections()
  }
  await runtime.close().catch(error => log.error('closing failed', {error}))
  log.info('runtime stopped')
  for (const server of servers) server.closeAllConnections()
}

function openLog(home: Home): RuntimeLog {
  if ((statSync(home.runtimeLog, {throwIfNoEntry: false})?.size ?? 0) > logLimit) renameSync(home.runtimeLog, `${home.runtimeLog}.1`)
  return runtimeLog(
    line => {
      try {
        appendFileSync(home.runtimeLog, line, {mode: 0o600})
      } catch {
        // A full disk must not make what is logged fail as well.
      }
    },
    process.env['HOKKU_LOG_LEVEL'] === 'debug' ? 'debug' : 'info',
  )
}

/** One JSON line to whoever started us; a foreground runtime has nobody waiting. */
function report(line: unknown): void {
  const fd = Number(process.env['HOKKU_READY_FD'] ?? 0)
  if (fd <= 2) return
  delete process.env['HOKKU_READY_FD']
  try {
    writeSync(fd, `${JSON.stringify(line)}\n`)
    closeSync(fd)
  } catch {
    // Whoever waited is gone.
  }
}

async function main(): Promise<void> {
  // Whatever is made from here on, by git too, is nobody else's to read.
  process.umask(0o077)
  const home = resolveHome()
  mkdirSync(home.root, {recursive: true, mode: 0o700})
  const lock = await takeLockUnlessServed(home, startPatience)
  if (lock === undefined) return report({ready: true})
  await serve(home)
  lock.close()
}

try {
  await main()
} catch (error) {
  const known = error instanceof PlatformError
  report({error: {id: known ? error.id : 'internal_server_error', message: (error as Error).message}})
  console.error((error as Error).message)
  process.exitCode = 1
}
process.exit()
