import type {ProcessTypes} from '../../schema/resources.js'

/** What a build made: an image, and what can be run in it. */
export interface SlugRecord {
  id: string
  appId: string
  /** Image id (`sha256:…`) in the engine. */
  image: string
  stack: string
  processTypes: ProcessTypes
  commit: string | undefined
  commitDescription: string | undefined
  /** `Node.js` */
  buildpackDescription: string | undefined
  checksum: string | undefined
  /** Bytes the slug adds to the stack image. */
  size: number | undefined
  createdAt: Date
}
