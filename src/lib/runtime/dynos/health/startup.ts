import {checkName, type HealthCheck} from '../../../schema/health-checks.js'
import {type DynoContext, say} from '../context.js'
import type {LiveDyno} from '../live-dynos.js'
import {type Problem, probe} from './probe.js'

export function startupChecks({checks}: Pick<LiveDyno, 'checks'>): HealthCheck[] {
  return checks.filter(({type}) => type === 'startup')
}

/**
 * Makes the startup checks of a dyno, all side by side, until each has passed or failed for good; whether it may get requests. `goesOn`
 * tells whether anybody wants to know still.
 */
export async function startsHealthy(context: DynoContext, dyno: LiveDyno, goesOn: () => boolean): Promise<boolean> {
  const passed = await Promise.all(startupChecks(dyno).map(check => passes(context, dyno, check, goesOn)))
  return passed.every(Boolean)
}

/** In s: how long a dyno may be before its checks have all passed or failed, once it listens. */
export function startupSeconds(dyno: Pick<LiveDyno, 'checks'>): number {
  const each = startupChecks(dyno).map(
    ({initialDelay, attempts, wait, timeout, uptime = 0}) => initialDelay + uptime + attempts * (wait + timeout),
  )
  return Math.max(0, ...each)
}

async function passes(context: DynoContext, dyno: LiveDyno, check: HealthCheck, goesOn: () => boolean): Promise<boolean> {
  const {attempts, initialDelay, uptime = 0, wait, warn} = check
  const pause = (seconds: number): Promise<void> => context.clock.sleep(seconds * 1000, context.signal).catch(() => undefined)
  if (initialDelay + uptime > 0) await pause(initialDelay + uptime)
  const ask = (): Promise<Problem | undefined> => asked(context, dyno, check, {pause: () => pause(wait), goesOn})
  let problem = await ask()
  for (let attempt = 1; problem !== undefined && attempt < attempts && goesOn(); attempt += 1) {
    await pause(wait)
    problem = await ask()
  }
  if (problem === undefined || !goesOn()) return true
  say(context, dyno, `Health check "${checkName(check)}" failed ${attempts} times: ${problem.what}${warn ? ' (only a warning)' : ''}`)
  return warn
}

/** One attempt. A dyno that cannot be asked has not failed it, and waits until it can be. */
async function asked(
  context: DynoContext,
  dyno: LiveDyno,
  check: HealthCheck,
  {pause, goesOn}: {pause: () => Promise<void>; goesOn: () => boolean},
): Promise<Problem | undefined> {
  for (let told = false; ; told = true) {
    const problem = await probe(context, dyno, check)
    if (problem?.asked !== false || !goesOn()) return problem
    if (!told) say(context, dyno, `Health check "${checkName(check)}" waits, for it cannot be made: ${problem.what}`)
    await pause()
  }
}
