import {checkName, type HealthCheck} from '../../../schema/health-checks.js'
import {type DynoContext, say} from '../context.js'
import type {LiveDyno} from '../live-dynos.js'
import {probe} from './probe.js'

/**
 * Makes the liveness checks of a dyno that is up, for as long as it is. One that fails so many times in a row as it may ends the dyno by
 * SIGKILL: it has crashed, and the crash policy says when it starts again. That it could not be asked is no failure.
 */
export async function watchLiveness(context: DynoContext, dyno: LiveDyno): Promise<void> {
  const checks = dyno.checks.filter(({type}) => type === 'liveness')
  await Promise.all(checks.map(check => watch(context, dyno, check)))
}

async function watch(context: DynoContext, dyno: LiveDyno, check: HealthCheck): Promise<void> {
  const pause = (seconds: number): Promise<void> => context.clock.sleep(seconds * 1000, context.signal).catch(() => undefined)
  await pause(check.initialDelay + (check.uptime ?? 0))
  for (let failures = 0; isUp(context, dyno); await pause(check.wait)) {
    const problem = await probe(context, dyno, check)
    if (problem?.asked === false) continue
    failures = problem === undefined ? 0 : failures + 1
    if (problem === undefined || failures < check.attempts || !isUp(context, dyno)) continue
    failures = 0
    if (await ended(context, dyno, check, problem.what)) return
  }
}

async function ended(context: DynoContext, dyno: LiveDyno, check: HealthCheck, problem: string): Promise<boolean> {
  const {attempts, warn} = check
  say(context, dyno, `Health check "${checkName(check)}" failed ${attempts} times: ${problem}${warn ? ' (only a warning)' : ''}`)
  if (warn) return false
  say(context, dyno, 'Stopping process with SIGKILL')
  await context.engine.kill(dyno.engineId as string, 'SIGKILL')
  return true
}

function isUp(context: DynoContext, dyno: LiveDyno): boolean {
  return dyno.state === 'up' && !dyno.stopping && dyno.exit === undefined && !context.signal.aborted
}
