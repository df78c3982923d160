import type {Duplex} from 'node:stream'
import type {Engine} from '../../engine/engine.js'
import type {DynoState} from '../../schema/resources.js'
import type {Logplex} from '../logplex/logplex.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {EngineNames} from '../support/names.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {CondemnedContainers} from './condemned.js'
import type {Crashes} from './crashes.js'
import type {WantedSource, WebChanged, WebTarget} from './dyno-manager.js'
import type {LiveDyno, LiveDynos} from './live-dynos.js'
import type {Outage} from './outage.js'
import type {Sleeps} from './sleep/sleeps.js'
import type {Slots} from './slots.js'

/** What a dyno manager is made of. */
export interface DynoManagerDeps {
  engine: Engine
  store: Store
  clock: Clock
  log: RuntimeLog
  logplex: Logplex
  wanted: WantedSource
  names: EngineNames
  /** The home's id, on every container. */
  home: string
  onWebChanged: WebChanged
  /** Resolves when a web dyno that gets no new requests has none left. Rejects when aborted. */
  quiet(dyno: WebTarget, signal: AbortSignal): Promise<void>
  /**
   * A connection to a dyno from where the router is, where its address leads nowhere from here. It ends after so many seconds. Rejects with
   * PlatformError when the dyno could not be asked, and with any other error when it did not take the connection.
   */
  dial(appId: string, dyno: Omit<WebTarget, 'dyno'>, how: {seconds: number; signal: AbortSignal}): Promise<Duplex>
  /** In [0, 1). */
  random: () => number
  /** After so many ms without a request eco dynos sleep; undefined: they never do. */
  idleMs?: number | undefined
  /** After so many ms, and up to 15 % more, dynos are replaced; undefined: they never are. */
  cycleMs?: number | undefined
}

/** What every part of the dyno manager works with. */
export interface DynoContext extends DynoManagerDeps {
  live: LiveDynos
  crashes: Crashes
  condemned: CondemnedContainers
  sleeps: Sleeps
  outage: Outage
  /** Starts over all apps at a time (engine-facts.md: four are faster than all at once). */
  slots: Slots
  /** Aborted by close: nothing is decided or logged after it. */
  signal: AbortSignal
  /** Tells the router's side and everybody who waits; resolves when the router follows. */
  changed(appId: string): Promise<void>
  /** Queues a convergence that nobody waits for. */
  convergeSoon(appId: string, because: string): void
}

/** `heroku[web.1]: <message>` */
export function say(context: DynoContext, dyno: Pick<LiveDyno, 'appId' | 'name'>, message: string): void {
  context.logplex.append(dyno.appId, {at: context.clock.now(), source: 'heroku', ps: dyno.name, message})
}

/** Enters a state and says so: `State changed from starting to up`. */
export function enter(context: DynoContext, dyno: LiveDyno, state: DynoState): void {
  say(context, dyno, `State changed from ${dyno.state} to ${state}`)
  dyno.state = state
  dyno.since = context.clock.now()
}

/** For work that nobody waits for: what goes wrong is told to the runtime's log. */
export function background(context: DynoContext, doing: string, work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    if (!context.signal.aborted) context.log.error(`${doing} failed`, {error})
  })
}
