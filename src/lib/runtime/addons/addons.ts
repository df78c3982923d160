export interface AddonRecord {
  id: string
  appId: string
  name: string
  /** Its first name, when it was renamed: dynos go on reaching it by that (`hostOf` in naming.ts). */
  host?: string
  /** `heroku-postgresql` */
  service: string
  /** `essential-0` */
  plan: string
  state: 'provisioning' | 'provisioned' | 'deprovisioning' | 'deprovisioned'
  options: Record<string, string>
  /** user, password, database … what the manifest's templates refer to; the certificate too, where the service has TLS. */
  credentials: Record<string, string>
  /** Port on 127.0.0.1 that leads to it. */
  hostPort: number | undefined
  /** Port on 127.0.0.1 that leads to its page; undefined until its server is first started, and without a page. */
  pagePort?: number
  createdAt: Date
  updatedAt: Date
}

export interface AttachmentRecord {
  id: string
  addonId: string
  appId: string
  name: string
  namespace: string | undefined
  createdAt: Date
  updatedAt: Date
}

/** What an add-on needs of the layers below to change an app's releases. */
export interface AttachmentReleaser {
  /**
   * Cuts a release with the add-on's config vars; `by` is the user or the add-on service. `alongside` is called in the
   * transaction that stores it.
   */
  cut(appId: string, description: string, by: {user: string; addonConfigOnly: boolean}, alongside: () => void): Promise<{version: number}>
}
