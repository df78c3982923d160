import {spawn, spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, openSync, readFileSync, rmSync} from 'node:fs'
import {request} from 'node:http'
import {homedir} from 'node:os'
import {setTimeout as sleep} from 'node:timers/promises'
import {isInstalled, run, say} from './run.js'

const log = '/var/log/hokku-dockerd.log'

/** Sockets an engine may answer on, best first. */
function candidates() {
  const {DOCKER_HOST: host, XDG_RUNTIME_DIR: runtime} = process.env
  if (host?.startsWith('unix://')) return [host.slice(7)]
  return [
    '/var/run/docker.sock',
    runtime && `${runtime}/docker.sock`,
    `${homedir()}/.docker/run/docker.sock`,
    `${homedir()}/.colima/default/docker.sock`,
  ].filter(Boolean)
}

/** One call of the Engine API; resolves with status and text. */
export function call(socketPath, method, path, body) {
  return new Promise((done, failed) => {
    const sent = request({socketPath, method, path, timeout: 600_000}, answer => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', chunk => {
        text += chunk
      })
      answer.on('end', () => done({status: answer.statusCode, text}))
      answer.on('error', failed)
    })
    sent.on('error', failed)
    if (body === undefined) sent.end()
    else body.pipe(sent)
  })
}

/** The socket of an engine that answers, or undefined. */
export async function findEngine() {
  for (const socket of candidates()) {
    const answer = await call(socket, 'GET', '/_ping').catch(() => undefined)
    if (answer?.status === 200) return socket
  }
  return undefined
}

/**
 * Uses the engine that answers; else installs Docker where apt can and starts it. Returns its socket and how to stop it again,
 * which does nothing to an engine that ran before. Throws with what to do when no engine can be had.
 */
export async function ensureEngine() {
  const found = await findEngine()
  if (found !== undefined) return {socket: found, stop: async () => undefined}
  if (process.platform !== 'linux') throw new Error('Docker does not answer. Start Docker Desktop (or Colima, OrbStack), then try again.')
  if (!isInstalled('dockerd')) await installDocker()
  const stop = existsSync('/run/systemd/system') ? await startService() : startDaemon()
  const socket = await waitForEngine()
  return {socket, stop}
}

async function installDocker() {
  if (process.getuid() !== 0 || !isInstalled('apt-get'))
    throw new Error('Docker is not installed. Install Docker Engine (https://docs.docker.com/engine/install/), then try again.')
  say('Installing Docker (apt-get install docker.io)')
  const env = {...process.env, DEBIAN_FRONTEND: 'noninteractive'}
  const stdio = ['ignore', 'ignore', 'inherit']
  await run('apt-get', ['update', '-qq'], {env, stdio})
  await run('apt-get', ['install', '-y', '-qq', 'docker.io', 'mmdebstrap'], {env, stdio})
}

async function startService() {
  say('Starting Docker (systemctl start docker)')
  await run('systemctl', ['start', 'docker'])
  return async () => undefined
}

/** Starts dockerd detached, in a session of its own; what an unclean end left is removed first. */
function startDaemon() {
  if (process.getuid() !== 0) throw new Error('Docker is installed but does not run, and starting it needs root. Start it, then try again.')
  say(`Starting dockerd (log: ${log})`)
  for (const pidFile of ['/var/run/docker.pid', '/run/docker/containerd/containerd.pid'])
    if (isStale(pidFile)) rmSync(pidFile, {force: true})
  mkdirSync('/var/log', {recursive: true})
  const output = openSync(log, 'a')
  const child = spawn('dockerd', [], {detached: true, stdio: ['ignore', output, output]})
  child.on('error', () => undefined)
  child.unref()
  return async () => {
    say('Stopping dockerd')
    try {
      process.kill(child.pid, 'SIGTERM')
    } catch {
      return
    }
    for (let tries = 0; tries < 150 && isAlive(child.pid); tries += 1) await sleep(200)
  }
}

/** Whether a pid file names no process, or one that is not Docker's. */
function isStale(pidFile) {
  if (!existsSync(pidFile)) return false
  const pid = readFileSync(pidFile, 'utf8').trim()
  try {
    return !/dockerd|containerd/.test(readFileSync(`/proc/${pid}/comm`, 'utf8'))
  } catch {
    return true
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function waitForEngine() {
  for (let tries = 0; tries < 300; tries += 1) {
    const socket = await findEngine()
    if (socket !== undefined) return socket
    await sleep(200)
  }
  const last = spawnSync('tail', ['-n', '5', log], {encoding: 'utf8'}).stdout
  throw new Error(`Docker was started but does not answer. The end of ${log}:\n${last}`)
}
