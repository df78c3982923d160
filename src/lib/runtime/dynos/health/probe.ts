import {once} from 'node:events'
import {connect} from 'node:net'
import {EngineError} from '../../../engine/engine.js'
import {PlatformError} from '../../../schema/errors.js'
import type {HealthCheck} from '../../../schema/health-checks.js'
import type {DynoContext} from '../context.js'
import {socketsCommand} from '../launch.js'
import type {LiveDyno} from '../live-dynos.js'
import {type Dial, httpProblem} from './http-probe.js'

/** What a check has found. */
export interface Problem {
  what: string
  /** False when the dyno could not be asked, for which it cannot help. */
  asked: boolean
}

/** Makes a check once; what is wrong, undefined when nothing is. Never throws. */
export async function probe(context: DynoContext, dyno: LiveDyno, check: HealthCheck): Promise<Problem | undefined> {
  try {
    const what = await problemOf(context, dyno, check)
    return what === undefined ? undefined : {what, asked: true}
  } catch (error) {
    const away = error instanceof PlatformError || (error instanceof EngineError && error.code === 'unavailable')
    return {what: (error as Error).message, asked: !away}
  }
}

async function problemOf(context: DynoContext, dyno: LiveDyno, check: HealthCheck): Promise<string | undefined> {
  if (check.path !== undefined) return await pathProblem(context, dyno, check)
  if (check.command !== undefined) return await commandProblem(context, dyno, check.command, check.timeout)
  return check.listening === true ? await portProblem(context, dyno, check.port ?? dyno.port) : undefined
}

async function pathProblem(context: DynoContext, dyno: LiveDyno, check: HealthCheck): Promise<string | undefined> {
  return dyno.address === undefined ? 'it has no address' : await httpProblem(check, way(context, dyno, dyno.address, check))
}

/** Where the engine runs in a VM, dynos have addresses that lead nowhere from here, but do from where the router is. */
function way(context: DynoContext, {appId, port: own}: LiveDyno, address: string, {port = own, timeout}: HealthCheck): Dial {
  if (!context.engine.capabilities.routableAddresses) return signal => context.dial(appId, {address, port}, {seconds: timeout, signal})
  return async signal => {
    const socket = connect({host: address, port, signal})
    await once(socket, 'connect')
    return socket
  }
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
