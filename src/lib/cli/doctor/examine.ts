import type {RuntimeDoctor} from '../../schema/runtime-doctor.js'
import type {RuntimeStatus} from '../../schema/runtime-status.js'
import {howToStartDocker} from '../failure.js'
import {formatSize} from '../formats/size.js'

/** One line of `hokku doctor`. */
export interface Check {
  name: string
  level: 'ok' | 'warn' | 'fail'
  message: string
  /** What to do about it; null when there is nothing to do. */
  mend: string | null
}

/** What the checks are about. Undefined: could not be found out. */
export interface Facts {
  platform: NodeJS.Platform
  now: Date
  cli: {version: string; node: string}
  /** `git version 2.43.0`; undefined without git. */
  git: string | undefined
  home: HomeFacts
  runtime: {status: RuntimeStatus} | {problem: string; log: string}
  /** The runtime's own answer. */
  doctor: RuntimeDoctor | undefined
  /** Whether something accepts connections on the router's port. */
  routerAnswers: boolean | undefined
  /** Whether programs here find names below localhost. */
  namesResolve: boolean
  trust: {bundle: string | undefined; missing: {variable: string; path: string}[]}
  /** When the certificate of the home's own authority ends. */
  certificateEnds: Date | undefined
}

export interface HomeFacts {
  path: string
  exists: boolean
  writable: boolean
  /** Files and directories that others can read, with their modes. */
  open: {path: string; mode: string; wanted: string}[]
  /** Bytes free, where the runtime cannot be asked. */
  free: number | undefined
}

/** Decides about every fact. Pure. */
export function examine(facts: Facts): Check[] {
  return [
    ok('cli', `hokku ${facts.cli.version}, Node ${facts.cli.node}`),
    ...home(facts),
    runtime(facts),
    engine(facts),
    ...clock(facts),
    ...router(facts),
    names(facts),
    ...disks(facts),
    git(facts),
    trust(facts),
    ...certificate(facts),
  ]
}

function ok(name: string, message: string): Check {
  return {name, level: 'ok', message, mend: null}
}

function home({home: {path, exists, writable, open}}: Facts): Check[] {
  if (!writable)
    return [{name: 'home', level: 'fail', message: `${path} cannot be written`, mend: `chown -R "$USER" ${path}, or set HOKKU_HOME`}]
  if (!exists) return [ok('home', `${path} will be made`)]
  if (open.length === 0) return [ok('home', `${path}, for this user alone`)]
  return open.map(one => ({
    name: 'home',
    level: 'warn',
    message: `${one.path} has mode ${one.mode}: others can read it`,
    mend: `chmod ${one.wanted} ${one.path}`,
  }))
}

function runtime({runtime: found, cli}: Facts): Check {
  if ('problem' in found)
    return {
      name: 'runtime',
      level: 'fail',
      message: `does not start: ${found.problem}`,
      mend: `hokku runtime:run shows why; its log is ${found.log}`,
    }
  const {version, pid, url} = found.status
  if (version === cli.version) return ok('runtime', `hokku ${version}, process ${pid}, ${url}`)
  return {name: 'runtime', level: 'warn', message: `is ${version}, this CLI is ${cli.version}`, mend: 'hokku runtime:restart'}
}

function engine({doctor, platform}: Facts): Check {
  if (doctor === undefined)
    return {name: 'engine', level: 'warn', message: 'cannot be asked without the runtime', mend: 'mend the runtime first'}
  const {engine: found, engine_problem: problem} = doctor
  if (found === null) {
    const message = problem?.message ?? 'does not answer'
    return {name: 'engine', level: 'fail', message, mend: engineMend(problem?.code, platform)}
  }
  const message = `Docker ${found.version} (API ${found.api_version}) at ${found.url}, by ${found.source}`
  if (doctor.bring_up_problem !== null && doctor.bring_up_problem !== doctor.router_problem)
    return {name: 'engine', level: 'fail', message: `${message}, but: ${doctor.bring_up_problem}`, mend: 'hokku runtime:logs says more'}
  return ok('engine', message)
}

function engineMend(code: string | undefined, platform: NodeJS.Platform): string {
  if (code === 'permission') return 'sudo usermod -aG docker "$USER", then log out and in again'
  return code === 'too_old' ? 'update Docker to 20.10 or newer' : howToStartDocker(platform)
}

function clock({doctor}: Facts): Check[] {
  const skew = doctor?.engine?.clock_skew
  if (skew === undefined || skew === null) return []
  const seconds = Math.abs(skew) / 1000
  if (seconds < 2) return [ok('clock', "the engine's clock is this machine's")]
  const message = `the engine's clock is ${Math.round(seconds)} s ${skew > 0 ? 'ahead of' : 'behind'} this machine's: log lines get wrong times`
  return [{name: 'clock', level: seconds < 60 ? 'warn' : 'fail', message, mend: "restart the engine's VM, or let both machines use NTP"}]
}

function router({runtime: found, routerAnswers, doctor, now}: Facts): Check[] {
  if (!('status' in found)) return []
  const port = found.status.router?.port
  const problem = doctor?.engine === null ? null : (doctor?.router_problem ?? null)
  // What answers on its port then is another program.
  if (problem !== null) return [{name: 'router', level: 'fail', message: problem, mend: 'hokku runtime:logs says more'}]
  if (port !== undefined && routerAnswers) return [ok('router', `answers on port ${port}`)]
  if (doctor?.engine === null)
    return [{name: 'router', level: 'warn', message: 'does not run without an engine', mend: 'mend the engine first'}]
  // The first start of a home builds the router's image.
  if (now.getTime() - Date.parse(found.status.started_at) < 120_000)
    return [
      {name: 'router', level: 'warn', message: 'does not answer yet: the runtime has just started', mend: 'hokku doctor again in a minute'},
    ]
  const message = port === undefined ? 'does not run' : `does not answer on port ${port}`
  const mend = 'hokku runtime:restart; if another program has its port, set HOKKU_ROUTER_PORT before the first start of a home'
  return [{name: 'router', level: 'fail', message, mend}]
}

function names({namesResolve}: Facts): Check {
  if (namesResolve) return ok('names', 'names below localhost lead to this machine')
  const mend = "browsers know them all the same; for other programs: curl --resolve, or the app's name in /etc/hosts"
  return {name: 'names', level: 'warn', message: 'programs here do not find names below localhost', mend}
}

const gigabyte = 1024 ** 3

function disks({doctor, home: {path, free}}: Facts): Check[] {
  const known = doctor?.disks ?? (free === undefined ? [] : [{name: 'home' as const, path, free}])
  return known.map(disk => {
    const message = `${formatSize(disk.free)} free in ${disk.path} (${disk.name})`
    if (disk.free >= 5 * gigabyte) return ok('disk', message)
    const mend =
      disk.name === 'engine' ? 'docker system df shows what is used; docker builder prune frees build caches' : 'free some space there'
    return {name: 'disk', level: disk.free < gigabyte ? 'fail' : 'warn', message, mend}
  })
}

function git({git: version, platform}: Facts): Check {
  if (version !== undefined) return ok('git', version)
  const mend = platform === 'darwin' ? 'xcode-select --install' : 'install git (https://git-scm.com), or deploy without it: hokku deploy'
  return {name: 'git', level: 'fail', message: 'there is no git', mend}
}

function trust({trust: {bundle, missing}}: Facts): Check {
  const [first] = missing
  if (first !== undefined)
    return {
      name: 'ca',
      level: 'warn',
      message: `${first.variable} names ${first.path}, which cannot be read`,
      mend: `unset ${first.variable}, or mend it`,
    }
  if (bundle !== undefined) return ok('ca', `builds trust what ${bundle} does`)
  return {
    name: 'ca',
    level: 'warn',
    message: 'no bundle of certificates was found: builds trust their own',
    mend: 'behind a TLS proxy, set SSL_CERT_FILE',
  }
}

function certificate({certificateEnds: ends, now}: Facts): Check[] {
  if (ends === undefined) return []
  const day = ends.toISOString().slice(0, 10)
  if (ends.getTime() - now.getTime() > 30 * 86_400_000) return [ok('certificate', `of the local API, valid until ${day}`)]
  const level = ends < now ? 'fail' : 'warn'
  return [
    {name: 'certificate', level, message: `of the local API ${ends < now ? 'ended' : 'ends'} on ${day}`, mend: 'hokku runtime:restart'},
  ]
}
