/** An app as the store has it. */
export interface AppRecord {
  id: string
  name: string
  /** The stack of the current slug, and the one the next build uses. */
  stack: string
  buildStack: string
  region: string
  maintenance: boolean
  /** Automatic Certificate Management. */
  acm: boolean
  /** Buildpack URLs or names set by the user, in order; empty = detect. */
  buildpacks: string[]
  /** Pinned by the first build that detected it. */
  detectedBuildpack: string | undefined
  features: Record<string, boolean>
  /** Id of the newest succeeded release. */
  currentRelease: string | undefined
  /** Id of that release's slug. */
  currentSlug: string | undefined
  repoSize: number | undefined
  createdAt: Date
  updatedAt: Date
  releasedAt: Date | undefined
}
