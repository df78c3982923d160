/** What a destroyed add-on held, as `GET /runtime/addon-snapshots` lists it. */
export interface AddonSnapshot {
  /** The id that the add-on had. */
  id: string
  /** The name that the add-on had. */
  name: string
  /** The app that it was billed to; it may be gone. */
  app: {name: string}
  /** `heroku-postgresql:essential-0` */
  plan: {name: string}
  /** Bytes of the data. */
  data_bytes: number
  /** Bytes that it takes here, packed and encrypted. */
  bytes: number
  created_at: string
  /** When it goes by itself. */
  expires_at: string
}
