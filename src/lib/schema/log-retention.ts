/** How much of an app's log is kept; the oldest lines go first. */
export interface LogRetention {
  max_bytes: number
  /** Null: age alone removes no line. */
  max_age_seconds: number | null
}
