/** What `pg:diagnose` shows, as Heroku's service for it answers. */
export interface DatabaseReport {
  /** UUID. */
  id: string
  /** Name of the app. */
  app: string
  /** Config var of the database. */
  database: string
  plan: string
  created_at: string
  checks: DatabaseCheck[]
}

export interface DatabaseCheck {
  name: string
  status: 'green' | 'yellow' | 'red' | 'unknown'
  /** What was found: rows, or one value under its name. */
  results: Record<string, string | number | null>[] | Record<string, string | number | null>
}
