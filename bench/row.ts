/** One measurement beside its floor from the same run. */
export interface BenchRow {
  what: string
  value: number
  /** Undefined where the limit is an absolute number. */
  floor: number | undefined
  unit: string
  /** value / floor */
  ratio: number | undefined
  /** What the ratio (or the value) must be, for people: `at least 0.5x`. */
  limit: string
  ok: boolean
}

/** A row whose value may be at most `most` times its floor. */
export function atMost(most: number, {what, value, floor, unit}: {what: string; value: number; floor: number; unit: string}): BenchRow {
  const ratio = value / floor
  return {what, value, floor, unit, ratio, limit: `at most ${most}x`, ok: ratio <= most}
}

/** A row without a floor. */
export function absolute(most: number, {what, value, unit}: {what: string; value: number; unit: string}): BenchRow {
  return {what, value, floor: undefined, unit, ratio: undefined, limit: `at most ${most} ${unit}`, ok: value <= most}
}
