/** One measurement beside its floor from the same run. */
export interface BenchRow {
  what: string
  value: number
  floor: number
  unit: string
  /** value / floor */
  ratio: number
  /** What the ratio must be, for people: `at least 0.5x`. */
  limit: string
  ok: boolean
}
