import type {Duplex} from 'node:stream'
import type {TtySize} from '../../engine/engine.js'
import type {ConfigVars, DynoState} from '../../schema/resources.js'
import type {AppRecord} from '../apps/app-record.js'
import type {FormationRecord} from '../formation/formation-record.js'
import type {ReleaseRecord} from '../releases/release-record.js'
import type {SlugRecord} from '../slugs/slug-record.js'
import type {DynoFile} from './inside/read-file.js'
import type {AdoptedRun} from './live-dynos.js'

/** What should run for one app, read from the store at this moment. */
export interface WantedApp {
  app: AppRecord
  /** The current release: the newest that succeeded. */
  release: ReleaseRecord
  slug: SlugRecord | undefined
  formation: FormationRecord[]
}

/** Where the dyno manager reads what is wanted; undefined when the app is gone or has no release. */
export interface WantedSource {
  wanted(appId: string): WantedApp | undefined
  /** Apps that want at least one dyno. */
  wantingAppIds(): string[]
  /** Apps that want web dynos of size eco. */
  sleepyAppIds(): string[]
}

/** One dyno as `ps` shows it. During a deploy there may be two of one name with different releases. */
export interface DynoView {
  id: string
  name: string
  type: string
  size: string
  command: string
  state: DynoState
  /** When it entered that state. */
  since: Date
  createdAt: Date
  release: {id: string; version: number}
  appId: string
  /** Undefined unless its container runs. */
  address: string | undefined
  port: number | undefined
}

export interface OneOffRequest {
  appId: string
  /** As the user typed it; run by `bash -c` after the profile scripts. */
  command: string
  /** Default `run`; `release`, `scheduler` … give `release.4821`. */
  type?: string
  size?: string
  /** Beside the release's config vars. */
  env?: ConfigVars
  /** The release to run; undefined = the current one. A release phase names one that is not current yet. */
  release?: {release: ReleaseRecord; slug: SlugRecord}
  user: string
  /** Seconds; default and maximum 24 h. */
  timeToLive?: number
  /** A client will come (within 30 s, else R13) and take stdin and stdout. */
  attach?: {tty: TtySize | undefined}
  /** Lines of output beside the log stream (release phase, postdeploy). */
  onOutput?: (data: Buffer) => void
  /** Whether output goes to the app's log too (Heroku: detached and release dynos do, attached ones do not). */
  log: boolean
}

export interface OneOff {
  dyno: DynoView
  /** Path part of the attach URL; undefined unless attach was asked. */
  secret: string | undefined
  /** Exit code of the command. */
  ended: Promise<number>
}

/**
 * The terminal side of an attached dyno; `stream` carries raw bytes both ways and ends when the dyno ends.
 * `stream.end()` is the end of stdin; `stream.destroy()` says that the client is gone: SIGHUP, as on Heroku.
 */
export interface Attached {
  stream: import('node:stream').Duplex
  /** Whether the process has a terminal, which takes byte 4 as the end of stdin. */
  terminal?: boolean
  resize(size: TtySize): Promise<void>
  ended: Promise<number>
}

/** A web dyno the router may send requests to, or wait for. */
export interface WebTarget {
  dyno: string
  address: string
  port: number
}

export interface WebState {
  /** Web dynos that answer. */
  up: WebTarget[]
  /** Whether any web dyno is starting. */
  starting: boolean
  /** Whether there are web dynos and all have crashed. */
  crashed: boolean
  /** Whether there are web dynos and all sleep: a request wakes them. */
  idle: boolean
}

/**
 * Told whenever the answer of `web(appId)` may have changed. Resolves when new requests follow it: a web dyno that is
 * replaced gets SIGTERM after that, so that no request is sent to a dyno that is leaving.
 */
export type WebChanged = (appId: string) => Promise<void>

export interface DynoManager {
  /** Adopts what runs, converges every app, starts listening to the engine. */
  start(): Promise<void>
  /** Lets go of everything; stops no dyno. */
  close(): Promise<void>
  /** Makes the app's network, unless it is there: the first start would wait for it. */
  prepare(appId: string): Promise<void>
  /** Queues a convergence of the app: desired − observed = plan → execute. Resolves when it was executed (not when dynos are up). */
  converge(appId: string, because: string): Promise<void>
  /** Resolves when no web dyno of the release is starting: true if at least one is up or none is wanted, false if all crashed or R10. */
  settled(appId: string, releaseId: string): Promise<boolean>
  list(appId: string): DynoView[]
  web(appId: string): WebState
  runOneOff(request: OneOffRequest): Promise<OneOff>
  /** The command of a release that an earlier runtime started, when its dyno was still there; once. */
  takeReleaseRun(releaseId: string): AdoptedRun | undefined
  /** A dyno of type `scheduler` that an earlier runtime started, by its name, when it was still there; once. */
  takeScheduledRun(appId: string, dyno: string): AdoptedRun | undefined
  /** Takes the client's end of an attached one-off dyno; undefined when the secret is unknown or was used. */
  claim(secret: string): Attached | undefined
  /** Runs a command inside a running dyno. Throws not_found. */
  runInside(
    appId: string,
    dyno: string,
    command: string,
    options: {env: ConfigVars; tty: TtySize | undefined},
  ): Promise<{secret: string; view: DynoView}>
  /** A file of a running dyno; a relative path begins at its home. Throws not_found, and invalid_params for what is no regular file. */
  readFile(appId: string, dyno: string, path: string): Promise<DynoFile>
  /** A connection to a port of a running dyno, also one that only the dyno itself may reach. Throws not_found. */
  openPort(appId: string, dyno: string, port: number): Promise<Duplex>
  /** One dyno, one process type, or all formation dynos; new containers take their place. Throws not_found when nothing matches. */
  restart(appId: string, what: {dyno?: string; type?: string}): Promise<void>
  /** A one-off dyno ends for good; a formation dyno is started again, as on Heroku. */
  stop(appId: string, what: {dyno?: string; type?: string}): Promise<void>
  /** Starts the dynos of an app that sleeps; nothing happens to one that is awake. */
  wake(appId: string): void
  /** Stops and removes every container of an app that is being destroyed. */
  removeApp(appId: string): Promise<void>
}
