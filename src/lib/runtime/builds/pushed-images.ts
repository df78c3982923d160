import {PlatformError} from '../../schema/errors.js'
import type {Cut, Releases} from '../releases/releases.js'
import type {ContainerProcess, ContainerProcesses, SlugRecord} from '../slugs/slug-record.js'
import type {Slugs} from '../slugs/slugs.js'
import type {BuildTable} from './build-table.js'

/** The newest image that was pushed for a process type. */
export interface PushedImage {
  type: string
  process: ContainerProcess
  /** As it is shown. */
  command: string
  /** Of the push; it has no release of its own. */
  slug: SlugRecord
}

/** What a release changes: the image of a process type, or none any more. */
export interface ImageChange {
  type: string
  image: string | null
}

interface PushedImagesDeps {
  table: BuildTable
  slugs: Slugs
  releases: Releases
}

/** Images of `container:push` on their way to a release. */
export class PushedImages {
  constructor(private readonly deps: PushedImagesDeps) {}

  /** One for each process type, by type. */
  list(appId: string): PushedImage[] {
    const newest = new Map<string, PushedImage>()
    for (const id of this.deps.table.pushedSlugs(appId)) {
      const slug = this.deps.slugs.get(id)
      for (const [type, process] of Object.entries(slug?.container ?? {}))
        if (slug !== undefined && !newest.has(type)) newest.set(type, {type, process, command: slug.processTypes[type] ?? '', slug})
    }
    return [...newest.values()].sort((a, b) => a.type.localeCompare(b.type))
  }

  /** Throws not_found when that is not the image which was pushed last for the process type. */
  find(appId: string, {type, image}: {type: string; image: string}): PushedImage {
    const found = this.list(appId).find(one => one.type === type && one.process.image === image)
    if (found === undefined) throw new PlatformError('not_found', `No image ${image} was pushed for ${type}: container:push makes one.`)
    return found
  }

  /** Cuts a release with these images beside those that run already. Throws not_found for an image or a process type that is not there. */
  async release(appId: string, changes: ImageChange[], user: string): Promise<Cut> {
    const cut = await this.deps.releases.cut(appId, () => {
      const slug = this.deps.slugs.add(this.changed(appId, changes))
      return {description: describe(changes), user, slugId: slug.id}
    })
    return cut as Cut
  }

  private changed(appId: string, changes: ImageChange[]): Parameters<Slugs['add']>[0] {
    const current = this.deps.releases.current(appId)
    const before = current && this.deps.releases.slugOf(current)
    // What buildpacks made runs in another way, and cannot stay beside images.
    const kept = before?.stack === 'container' ? before : undefined
    const container: ContainerProcesses = {...kept?.container}
    const processTypes = {...kept?.processTypes}
    for (const {type, image} of changes) {
      if (image === null && !Object.hasOwn(container, type))
        throw new PlatformError('not_found', `Couldn't find that process type (${type}).`)
      const pushed = image === null ? undefined : this.find(appId, {type, image})
      delete container[type]
      delete processTypes[type]
      if (pushed === undefined) continue
      container[type] = pushed.process
      processTypes[type] = pushed.command
    }
    const image = (container['web'] ?? Object.values(container)[0])?.image ?? before?.image ?? ''
    const about = {commit: undefined, commitDescription: undefined, buildpackDescription: undefined, size: undefined}
    return {...about, appId, image, stack: 'container', processTypes, container, healthChecks: before?.healthChecks}
  }
}

/** `Deployed web (2ef8bad7ccfa), worker (90ab…)`, as Heroku says it. */
function describe(changes: ImageChange[]): string {
  const deployed = changes.flatMap(({type, image}) => (image === null ? [] : [`${type} (${image.replace(/^sha256:/, '').slice(0, 12)})`]))
  const removed = changes.flatMap(({type, image}) => (image === null ? [type] : []))
  return [deployed.length > 0 && `Deployed ${deployed.join(', ')}`, removed.length > 0 && `Removed ${removed.join(', ')}`]
    .filter(Boolean)
    .join('; ')
}
