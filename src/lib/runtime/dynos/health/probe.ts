import type {HealthCheck} from '../../../schema/health-checks.js'
import type {DynoContext} from '../context.js'
import {socketsCommand} from '../launch.js'
import type {LiveDyno} from '../live-dynos.js'
import {httpProblem} from './http-probe.js'

/** Makes a check once; what is wrong, undefined when nothing is. Never throws. */
export async function probe(context: DynoContext, dyno: LiveDyno, check: HealthCheck): Promise<string | undefined> {
  try {
    if (check.path !== undefined) return await pathProblem(context, dyno, check)
    if (check.command !== undefined) return await commandProblem(context, dyno, check.command, check.timeout)
    return check.listening === true ? await portProblem(context, dyno, check.port ?? dyno.port) : undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** Where the engine runs in a VM, dynos have addresses that lead nowhere from here. */
export function canBeMade(context: DynoContext, {path}: HealthCheck): boolean {
  return path === undefined || context.engine.capabilities.hostNetwork
}

async function pathProblem(context: DynoContext, {address, port}: LiveDyno, check: HealthCheck): Promise<string | undefined> {
  if (!canBeMade(context, check)) return undefined
  return address === undefined ? 'it has no address' : await httpProblem(check, {address, port})
}

async function commandProblem(context: DynoContext, dyno: LiveDyno, command: string[], timeout: number): Promise<string | undefined> {
  const late = AbortSignal.timeout(timeout * 1000)
  try {
    const {exitCode} = await context.engine.exec(dyno.engineId ?? '', command, {signal: late})
    return exitCode === 0 ? undefined : `ended with status ${exitCode}`
  } catch (error) {
    if (late.aborted) return `not ended within ${timeout} s`
    throw error
  }
}

async function portProblem(context: DynoContext, dyno: LiveDyno, port: number): Promise<string | undefined> {
  const {engineId = '', address, stack} = dyno
  return (await context.engine.listening({id: engineId, address}, port, socketsCommand(stack))) ? undefined : `nothing listens on ${port}`
}
