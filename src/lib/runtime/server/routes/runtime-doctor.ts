import {statfs} from 'node:fs/promises'
import {type Engine, type EngineDiagnosis, EngineError} from '../../../engine/engine.js'
import type {RuntimeDoctor} from '../../../schema/runtime-doctor.js'
import type {Api, Services} from '../services.js'
import type {RuntimeControl} from './runtime.js'

type Parts = Pick<Services, 'engine' | 'clock'>

/** `GET /runtime/doctor`: what only the runtime can find out. Asks the engine anew, whatever is known of it. */
export function runtimeDoctorRoutes(api: Api, {engine, clock}: Parts, control: RuntimeControl): void {
  api.get('/runtime/doctor', async c => {
    const before = clock.now().getTime()
    const found = await ask(engine)
    // The engine answered at some time between asking and now.
    const now = (before + clock.now().getTime()) / 2
    const disks = await Promise.all([
      disk('home', control.home),
      ...(found.engine?.directory ? [disk('engine', found.engine.directory)] : []),
    ])
    const answer: RuntimeDoctor = {
      engine: found.engine === undefined ? null : serialize(found.engine, now),
      engine_problem: found.problem ?? null,
      disks: disks.flat(),
      bring_up_problem: control.engineProblem() ?? null,
      router_problem: control.routerProblem() ?? null,
    }
    return c.json(answer)
  })
}

async function ask(engine: Engine): Promise<{engine?: EngineDiagnosis; problem?: {code: string; message: string}}> {
  try {
    return {engine: await engine.diagnose()}
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    return {problem: {code: error.code, message: error.message}}
  }
}

function serialize({version, apiVersion, url, source, clock}: EngineDiagnosis, now: number): RuntimeDoctor['engine'] {
  return {version, api_version: apiVersion, url, source, clock_skew: clock === undefined ? null : Math.round(clock.getTime() - now)}
}

/** Empty where this user may not look. */
async function disk(name: 'home' | 'engine', path: string): Promise<RuntimeDoctor['disks']> {
  const found = await statfs(path).catch(() => undefined)
  return found === undefined ? [] : [{name, path, free: found.bavail * found.bsize, total: found.blocks * found.bsize}]
}
