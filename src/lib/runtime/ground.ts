import {randomUUID} from 'node:crypto'
import {chmodSync, mkdirSync} from 'node:fs'
import type {Engine} from '../engine/engine.js'
import type {Home} from '../schema/home.js'
import type {AcmDeps} from './acm/acm.js'
import type {CatalogueService} from './addons/catalogue.js'
import {Challenges} from './certificates/challenges.js'
import {LocalAuthority} from './certificates/local-authority.js'
import type {Logplex} from './logplex/logplex.js'
import {settleIn} from './platform-backup/settle-in.js'
import type {Router} from './router/router.js'
import type {SlugCompiler} from './slugs/compile.js'
import {openStore, type Store, setting} from './store/store.js'
import {type Clock, systemClock} from './support/clock.js'
import {type EngineNames, engineNames} from './support/names.js'
import {type RuntimeLog, silentLog} from './support/runtime-log.js'
import {loadSeal, type Seal} from './support/seal.js'

/** What the makers of router and slug compiler get of the runtime. */
export interface Ground {
  home: Home
  homeId: string
  engine: Engine
  store: Store
  seal: Seal
  /** Certifies names that are this machine's own. */
  authority: LocalAuthority
  /** What certificate authorities ask for under hosts of ours: set by ACM, answered by the router. */
  challenges: Challenges
  clock: Clock
  log: RuntimeLog
  names: EngineNames
  /** Root of the package: `addons/` and `stacks/` are in it. */
  root: string
}

/** Whom the router tells what it sees. */
export interface RouterUpward {
  logs: Logplex
  /** Starts the dynos of an app that sleeps. */
  wake: (appId: string) => void
}

export interface RuntimeOptions {
  home: Home
  /** Made once the home's id is known; it goes on a label of everything. */
  engine: (homeId: string) => Promise<Engine>
  router: (ground: Ground, upward: RouterUpward) => Router
  compiler: (ground: Ground) => SlugCompiler
  /** Who issues certificates for custom domains, and how DNS is asked about them. */
  acme: (ground: Ground) => Pick<AcmDeps, 'authority' | 'assertResolves'>
  root: string
  version: string
  /** argv of the git hook. */
  hook: string[]
  /** Port of the TCP side, once it listens. */
  apiPort: () => number
  onStop: () => void
  clock?: Clock
  log?: RuntimeLog
  /** The add-on services of the package, read before: runtimes of one process may share them. */
  ownServices?: CatalogueService[]
  /** Opens the store of the home; default `openStore`. */
  store?: (path: string) => Promise<Store>
}

/** Opens the home: directories, store, key, engine. */
export async function layGround(options: RuntimeOptions): Promise<Ground> {
  const {home} = options
  for (const directory of [home.root, home.builds, home.git, home.logs, home.router]) mkdirSync(directory, {recursive: true, mode: 0o700})
  chmodSync(home.root, 0o700)
  const store = await (options.store ?? openStore)(home.store)
  await settleIn(home, store, process.env)
  const homeId = setting(store, 'home.id', randomUUID)
  const seal = loadSeal(home.key, store)
  const clock = options.clock ?? systemClock
  const log = options.log ?? silentLog
  return {
    home,
    homeId,
    engine: await options.engine(homeId),
    store,
    seal,
    authority: new LocalAuthority({home, homeId, store, seal, clock, log}),
    challenges: new Challenges(),
    clock,
    log,
    names: engineNames(homeId),
    root: options.root,
  }
}
