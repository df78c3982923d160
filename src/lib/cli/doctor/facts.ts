import {execFile} from 'node:child_process'
import {X509Certificate} from 'node:crypto'
import {lookup} from 'node:dns/promises'
import {access, constants, readFile, stat, statfs} from 'node:fs/promises'
import {connect} from 'node:net'
import {dirname} from 'node:path'
import type {Platform} from '../../client/platform.js'
import {type Home, resolveHome} from '../../schema/home.js'
import type {Facts, HomeFacts} from './examine.js'

interface Surroundings {
  env: NodeJS.ProcessEnv
  version: string
  /** The runtime, started if need be. */
  connect: () => Promise<Platform>
}

/** Looks at this machine and asks the runtime. Throws never: what cannot be found out is a fact too. */
export async function gatherFacts({env, version, connect: reach}: Surroundings): Promise<Facts> {
  const home = resolveHome(env)
  const [git, homeFacts, namesResolve, trust] = await Promise.all([gitVersion(), lookAtHome(home), resolves('app.localhost'), trusted(env)])
  const platform = await reach().catch((error: Error) => error)
  const [status, doctor] = platform instanceof Error ? [] : [platform.status, await platform.runtime.doctor().catch(() => undefined)]
  return {
    platform: process.platform,
    now: new Date(),
    cli: {version, node: process.versions.node},
    git,
    home: homeFacts,
    runtime: status === undefined ? {problem: (platform as Error).message, log: home.runtimeLog} : {status},
    doctor,
    routerAnswers: status?.router ? await answers(status.router.port) : undefined,
    namesResolve,
    trust,
    certificateEnds: await certificateEnd(home.ca),
  }
}

function gitVersion(): Promise<string | undefined> {
  return new Promise(resolve => {
    execFile('git', ['--version'], {timeout: 10_000}, (error, stdout) => resolve(error ? undefined : stdout.trim()))
  })
}

async function lookAtHome(home: Home): Promise<HomeFacts> {
  const exists = (await modeOf(home.root)) !== undefined
  const place = exists ? home.root : await nearestFolder(home.root)
  const wanted = [
    {path: home.root, wanted: '700'},
    {path: home.key, wanted: '600'},
    {path: home.token, wanted: '600'},
    {path: home.store, wanted: '600'},
  ]
  // In a home that is closed nothing inside can be read by others, whatever its own mode.
  const closed = ((await modeOf(home.root)) ?? 0) & 0o077
  const open = process.platform === 'win32' || closed === 0 ? [] : (await Promise.all(wanted.map(readable))).flat()
  const writable = await access(place, constants.W_OK).then(
    () => true,
    () => false,
  )
  const space = await statfs(place).catch(() => undefined)
  return {path: home.root, exists, writable, open, free: space && space.bavail * space.bsize}
}

async function readable({path, wanted}: {path: string; wanted: string}): Promise<HomeFacts['open']> {
  const mode = await modeOf(path)
  return mode === undefined || (mode & 0o077) === 0 ? [] : [{path, mode: mode.toString(8), wanted}]
}

async function modeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found && found.mode & 0o777
}

async function nearestFolder(path: string): Promise<string> {
  const parent = dirname(path)
  return parent === path || (await modeOf(parent)) !== undefined ? parent : nearestFolder(parent)
}

async function resolves(name: string): Promise<boolean> {
  return lookup(name).then(
    () => true,
    () => false,
  )
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({port, host: '127.0.0.1', timeout: 3000})
    const end = (answer: boolean) => () => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false))
  })
}

const bundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem']

/** Where builds get their certificates from, as the slug compiler looks for them. */
async function trusted(env: NodeJS.ProcessEnv): Promise<Facts['trust']> {
  const named = ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'].flatMap(variable => (env[variable] ? [{variable, path: env[variable]}] : []))
  const unreadable = await Promise.all(named.map(({path}) => isReadable(path).then(found => !found)))
  const candidates = [env['SSL_CERT_FILE'], ...bundles, env['NODE_EXTRA_CA_CERTS']].filter(path => path !== undefined && path !== '')
  const found = await Promise.all((candidates as string[]).map(isReadable))
  return {bundle: (candidates as string[]).find((_, at) => found[at]), missing: named.filter((_, at) => unreadable[at])}
}

async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  )
}

async function certificateEnd(path: string): Promise<Date | undefined> {
  try {
    return new Date(new X509Certificate(await readFile(path)).validTo)
  } catch {
    return undefined
  }
}
