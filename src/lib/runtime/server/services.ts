import type {Hono} from 'hono'
import type {Engine} from '../../engine/engine.js'
import type {DynoManager} from '../dynos/dyno-manager.js'
import type {Logplex} from '../logplex/logplex.js'
import type {Clock} from '../support/clock.js'

/** Who asks; one account for now. */
export interface Caller {
  id: string
  email: string
}

export interface ApiEnv {
  Variables: {caller: Caller; requestId: string}
  Bindings: {incoming: import('node:http').IncomingMessage; outgoing: import('node:http').ServerResponse}
}

export type Api = Hono<ApiEnv>

export interface ServiceBase {
  engine: Engine
  clock: Clock
  dynos: DynoManager
  logplex: Logplex
}
