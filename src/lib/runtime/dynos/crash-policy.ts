const minute = 60_000

/** Cool-off before the nth start after a crash (heroku-platform.md 1.4); the last one goes on. */
const coolOffs = [0, 20 * minute, 40 * minute, 60 * minute, 180 * minute, 320 * minute]

/** A dyno that ran this long has started correctly: its next crash is a first one. */
const steadyMs = minute

export interface Crash {
  /** Crashes in a row, from 1. */
  count: number
  crashedAt: Date
  restartAt: Date
}

/** What a crash means after those before it. `upSince` is undefined when the dyno never was up. */
export function afterCrash(before: Crash | undefined, upSince: Date | undefined, at: Date): Crash {
  const steady = upSince !== undefined && at.getTime() - upSince.getTime() >= steadyMs
  const count = steady || before === undefined ? 1 : before.count + 1
  const coolOff = coolOffs[Math.min(count, coolOffs.length) - 1] as number
  return {count, crashedAt: at, restartAt: new Date(at.getTime() + coolOff)}
}

/** Whether its next start is not due. A crash in the future means that the clock was set back: nothing waits for that. */
export function coolsOff({crashedAt, restartAt}: Crash, now: Date): boolean {
  return crashedAt <= now && restartAt > now
}
