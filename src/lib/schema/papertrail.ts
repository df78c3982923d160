/** How often a saved search is looked at, in seconds, by Papertrail's words. */
export const frequencies = {'1-minute': 60, '10-minutes': 600, '1-hour': 3600, '1-day': 86_400} as const

export type AlertFrequency = keyof typeof frequencies

/** A saved search, as `GET /apps/:app/papertrail/searches` lists it. */
export interface SavedSearch {
  id: string
  name: string
  query: string
  /** Null: nobody is told. */
  alert: {
    frequency: AlertFrequency
    /** Lines within that time that are worth telling. */
    minimum: number
    /** Host of the webhook; null: the app's log alone. */
    webhook: string | null
    /** When it was last told of. */
    triggered_at: string | null
  } | null
  created_at: string
}
