/** An add-on service that was installed from a folder, as `GET /runtime/addon-services` lists it. */
export interface InstalledService {
  /** `nats` */
  name: string
  human_name: string
  description: string
  /** `nats:mini` */
  plans: string[]
  /** Names of the add-ons of that service. */
  addons: string[]
  installed_at: string
  /** Who runs it, when it is not run here. */
  partner?: {base_url: string}
  /** What such a partner shows when it wants tokens: in the answer to an installation alone. */
  oauth_client_secret?: string
}
