/** What `POST /runtime/prune` answers: what was removed, or would be. */
export interface Collection {
  dry_run: boolean
  /** Slugs, with the releases that cannot be rolled back to any more. `bytes`: what the slug adds to its stack's image. */
  slugs: {app: string; slug: string; releases: number[]; bytes: number}[]
  /** Images of builds that came to no slug, and of stacks, toolchains and routers that were replaced. */
  images: {id: string; tags: string[]; kind: string}[]
  cache: {records: number; bytes: number}
  /** Of add-ons that were destroyed seven days ago. `bytes`: of the encrypted file. */
  snapshots: {id: string; name: string; app: string; bytes: number}[]
  /** Uploads that nobody built, submodules that no push has used for a month. */
  files: number
  /** Bytes that the engine says are free now; of a dry run, what slugs and cache would come to at most. */
  freed_bytes: number
}
