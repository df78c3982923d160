import type {HealthChecks} from '../../schema/health-checks.js'
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
  /** Its image is gone, or may go. */
  pruned: boolean
  /** How each process type runs; undefined for slugs made by classic buildpacks, which run all of theirs in `image`. */
  container?: ContainerProcesses | undefined
  /** What app.json asks for. */
  healthChecks?: HealthChecks | undefined
}

/** By process type. */
export type ContainerProcesses = Record<string, ContainerProcess>

/** A process of the container or the CNB stack: the image it runs in, with the launcher in it, and argv. */
export interface ContainerProcess {
  /** Image id. */
  image: string
  /** The image's own; on the container stack, commands that are given from outside are run by it too. */
  entrypoint: string[]
  /** What follows the entrypoint: the image's CMD, or `/bin/sh -c` and a line. */
  command: string[]
}
