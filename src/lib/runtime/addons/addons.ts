import type {ConfigVars} from '../../schema/resources.js'
import type {AttachmentSnapshot} from '../releases/release-record.js'

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
  /** user, password, database … what the manifest's templates refer to. */
  credentials: Record<string, string>
  /** Port on 127.0.0.1 that leads to it. */
  hostPort: number | undefined
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

/** The part of the add-ons that releases and config vars need; declared for them, passed in by runtime.ts. */
export interface AttachmentSource {
  attachments(appId: string): AttachmentSnapshot[]
  /** Config vars of all attachments of an app. `dyno`: as dynos see them; `host`: as programs on the host can use them. */
  configVars(appId: string, view: 'dyno' | 'host'): ConfigVars
  planNames(appId: string): string[]
}

/** What an add-on needs of the layers below to change an app's releases. */
export interface AttachmentReleaser {
  /**
   * Cuts a release with the add-on's config vars; `by` is the user or the add-on service. `alongside` is called in the
   * transaction that stores it.
   */
  cut(appId: string, description: string, by: {user: string; addonConfigOnly: boolean}, alongside: () => void): Promise<{version: number}>
}
