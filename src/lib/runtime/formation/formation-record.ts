/** How many dynos of one process type should run, and how large. */
export interface FormationRecord {
  id: string
  appId: string
  type: string
  quantity: number
  /** A name of schema/dyno-sizes.ts. */
  size: string
  createdAt: Date
  updatedAt: Date
}
