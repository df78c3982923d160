import {createHash} from 'node:crypto'
import {type DynoContext, say} from '../context.js'
import type {LiveDyno} from '../live-dynos.js'

/** Ms after which a dyno is cycled, of HOKKU_DYNO_CYCLE, which has hours (Heroku: 24); undefined, for never, without it. */
export function cycleTime(env: NodeJS.ProcessEnv): number | undefined {
  const hours = Number(env['HOKKU_DYNO_CYCLE'] || 0)
  return hours > 0 && Number.isFinite(hours) ? hours * 3_600_000 : undefined
}

/** Heroku's 216 minutes of a day: not all dynos of an app at once. */
const spread = 216 / (24 * 60)

/** Has dynos replaced that have run for that long and up to 15 % longer, each by its own measure, until the context's signal aborts. */
export async function watchCycles(context: DynoContext, cycleMs: number, replace: (dyno: LiveDyno) => void): Promise<void> {
  const {clock, live, signal} = context
  while (!signal.aborted) {
    await clock.sleep(Math.min(cycleMs / 100, 60_000), signal).catch(() => undefined)
    if (signal.aborted) return
    const now = clock.now().getTime()
    for (const dyno of live.appIds().flatMap(appId => live.formation(appId))) {
      const due = dyno.createdAt.getTime() + cycleMs * (1 + spread * fraction(dyno.id))
      if (dyno.state !== 'up' || due > now || context.condemned.of(dyno.container) !== undefined) continue
      say(context, dyno, 'Cycling')
      replace(dyno)
    }
  }
}

/** In [0, 1), the same for a dyno whoever asks: also the runtime after this one. */
function fraction(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE() / 2 ** 32
}
