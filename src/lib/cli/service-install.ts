import {execFile} from 'node:child_process'
import {existsSync} from 'node:fs'
import {mkdir, rm, writeFile} from 'node:fs/promises'
import {homedir, userInfo} from 'node:os'
import {dirname, join} from 'node:path'
import {CommandError} from './command-error.js'
import {launchdLabel, launchdPlist, type Service, serviceName, systemdUnit} from './service-files.js'

/** How this machine starts services, and what to tell it. */
export interface Supervisor {
  /** Where the description goes. */
  file: string
  content(service: Service): string
  /** Programs to run in turn once the file is there. */
  enable: string[][]
  /** Programs to run before the file goes; their failure does not matter. */
  disable: string[][]
}

export interface Machine {
  platform: NodeJS.Platform
  /** Whether systemd runs it. */
  systemd: boolean
  uid: number
  homeDirectory: string
  configHome: string
}

export function thisMachine(env: NodeJS.ProcessEnv): Machine {
  const homeDirectory = homedir()
  return {
    platform: process.platform,
    systemd: existsSync('/run/systemd/system'),
    uid: userInfo().uid,
    homeDirectory,
    configHome: env['XDG_CONFIG_HOME'] || join(homeDirectory, '.config'),
  }
}

/** Decides who shall start the runtime. Throws where nobody here does that, and says what to do instead. Pure. */
export function supervisorFor(machine: Machine, kind: 'user' | 'system'): Supervisor {
  if (machine.platform === 'darwin' && kind === 'user') return launchd(machine)
  if (machine.platform === 'darwin') throw unsupported('On macOS the runtime belongs to its user: Docker does too. Leave --system out.')
  if (machine.platform !== 'linux' || !machine.systemd)
    throw unsupported('This machine does not run systemd or launchd. Have what starts services here run: hokku runtime:run')
  if (kind === 'system' && machine.uid !== 0)
    throw unsupported('A system unit is for root to install: sudo --preserve-env hokku runtime:install --system, with HOKKU_HOME set')
  return systemd(machine, kind)
}

/** Writes the description and has the runtime started by it. Throws CommandError with the supervisor's own words. */
export async function install(supervisor: Supervisor, service: Service): Promise<void> {
  await mkdir(dirname(supervisor.file), {recursive: true})
  // Proxy addresses may hold passwords.
  await writeFile(supervisor.file, supervisor.content(service), {mode: 0o600})
  for (const words of supervisor.enable) await run(words)
}

/** Answers whether there was anything to take away. */
export async function uninstall(supervisor: Supervisor): Promise<boolean> {
  if (!existsSync(supervisor.file)) return false
  for (const words of supervisor.disable) await run(words).catch(() => undefined)
  await rm(supervisor.file, {force: true})
  return true
}

function systemd({configHome}: Machine, kind: 'user' | 'system'): Supervisor {
  const systemctl = kind === 'user' ? ['systemctl', '--user'] : ['systemctl']
  return {
    file: join(kind === 'user' ? join(configHome, 'systemd', 'user') : '/etc/systemd/system', `${serviceName}.service`),
    content: service => systemdUnit(service, kind),
    enable: [
      [...systemctl, 'daemon-reload'],
      [...systemctl, 'enable', '--now', serviceName],
      // Else a user's units run only while they are logged in.
      ...(kind === 'user' ? [['loginctl', 'enable-linger']] : []),
    ],
    disable: [[...systemctl, 'disable', '--now', serviceName]],
  }
}

function launchd({homeDirectory, uid}: Machine): Supervisor {
  const file = join(homeDirectory, 'Library', 'LaunchAgents', `${launchdLabel}.plist`)
  return {
    file,
    content: launchdPlist,
    enable: [['launchctl', 'bootstrap', `gui/${uid}`, file]],
    disable: [['launchctl', 'bootout', `gui/${uid}/${launchdLabel}`]],
  }
}

function run([program, ...args]: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(program as string, args, {timeout: 90_000}, (error, _stdout, stderr) => {
      if (error === null) return resolve()
      reject(new CommandError(`${[program, ...args].join(' ')} failed: ${stderr.trim() || error.message}`, {id: 'service_failed'}))
    })
  })
}

function unsupported(message: string): CommandError {
  return new CommandError(message, {id: 'service_unsupported'})
}
