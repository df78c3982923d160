/** One row of `apps:errors`. */
export interface AppError {
  /** `router`, or a process type. */
  source: string
  /** Heroku's code: `H10`, `R14`. */
  name: string
  level: 'critical' | 'warning' | 'info'
  description: string
  count: number
}
