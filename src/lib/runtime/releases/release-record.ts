import type {ConfigVars, ReleaseStatus} from '../../schema/resources.js'

/** An add-on as a release refers to it: name under which it is attached, and which add-on. */
export interface AttachmentSnapshot {
  name: string
  addonId: string
  addonName: string
}

/** A release: slug, config vars and attachments at one moment; never changed but for its status. */
export interface ReleaseRecord {
  id: string
  appId: string
  version: number
  slugId: string | undefined
  description: string
  status: ReleaseStatus
  userEmail: string
  /** Everything a dyno gets: the user's config vars and the add-ons'. */
  config: ConfigVars
  /** The user's part of it: what a rollback restores. */
  userConfig: ConfigVars
  attachments: AttachmentSnapshot[]
  addonPlanNames: string[]
  /** Name of the release command's output, undefined when there was no command. */
  outputId: string | undefined
  createdAt: Date
  updatedAt: Date
}
