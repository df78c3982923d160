import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import {createDynoManager} from '../../src/lib/runtime/dynos/create-dyno-manager.js'
import type {DynoManager, WantedApp} from '../../src/lib/runtime/dynos/dyno-manager.js'
import {createLogplex} from '../../src/lib/runtime/logplex/create-logplex.js'
import type {Logplex} from '../../src/lib/runtime/logplex/logplex.js'
import type {Store} from '../../src/lib/runtime/store/store.js'
import {systemClock} from '../../src/lib/runtime/support/clock.js'
import {engineNames} from '../../src/lib/runtime/support/names.js'
import {runtimeLog} from '../../src/lib/runtime/support/runtime-log.js'
import {addApp, appId, type WantedShape, wantedApp} from '../unit/runtime/dynos/support.js'

/** What outlives a runtime, and the image of its app's slug. */
export interface DynoHome {
  home: string
  store: Store
  directory: string
  image: () => string
}

export interface DynoRuntime extends AsyncDisposable {
  dynos: DynoManager
  want(shape: WantedShape): Promise<void>
  lines(): Promise<string[]>
}

/** A runtime's dyno manager with an engine connection of its own; disposing it is what a kill leaves behind. */
export async function dynoRuntime({home, store, directory, image}: DynoHome): Promise<DynoRuntime> {
  const own = await connectDocker({home})
  addApp(store)
  const logplex = createLogplex({directory, store, clock: systemClock, log: runtimeLog(() => undefined)})
  await logplex.start()
  let wanted: WantedApp | undefined
  const dynos = createDynoManager({
    engine: own,
    store,
    clock: systemClock,
    log: runtimeLog(line => line.includes('"error"') && process.stderr.write(line)),
    logplex,
    wanted: {wanted: () => wanted, wantingAppIds: () => [], sleepyAppIds: () => []},
    names: engineNames(home),
    home,
    onWebChanged: async () => undefined,
    quiet: async () => undefined,
    dial: () => Promise.reject(new Error('There is no router here.')),
    random: Math.random,
  })
  return {
    dynos,
    async want(shape) {
      const first = wanted === undefined
      wanted = wantedApp({...shape, image: image()})
      if (first) await dynos.start()
      await dynos.converge(appId, 'wanted')
    },
    lines: () => history(logplex),
    async [Symbol.asyncDispose]() {
      await dynos.close()
      await logplex.close()
      await own.close()
    },
  }
}

async function history(logplex: Logplex): Promise<string[]> {
  const lines: string[] = []
  for await (const some of logplex.read(appId, {lines: 1500, tail: false}, AbortSignal.timeout(5000)))
    lines.push(...some.map(one => one.text))
  return lines
}
