import {type Engine, EngineError, type Image} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'
import type {Collection} from '../../schema/collection.js'
import type {Snapshots} from '../addons/snapshots.js'
import type {Apps} from '../apps/apps.js'
import type {Builds} from '../builds/builds.js'
import type {PushedImages} from '../builds/pushed-images.js'
import type {Sources} from '../builds/sources.js'
import type {Repositories} from '../git/repositories.js'
import type {ReleaseTable} from '../releases/release-table.js'
import type {Slugs} from '../slugs/slugs.js'
import type {Clock} from '../support/clock.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import {missingRoom, staleCache, supersededImages, supersededSlugs} from './superseded.js'

const hour = 60 * 60 * 1000
const day = 24 * hour
/** The first pass comes when the runtime has settled. */
const firstPass = 10 * 60 * 1000
/** Build cache that was not used for so long goes by itself. */
const cacheAge = 7 * day

/** Slugs kept for each app unless HOKKU_KEEP_SLUGS says otherwise. */
export const keptSlugs = 10

export interface CollectOptions {
  dryRun: boolean
  /** Slugs to keep of each app; default: what the runtime keeps. */
  keep?: number | undefined
  /** `all`: build cache that was used lately too. */
  cache: 'old' | 'all'
}

interface CollectorDeps {
  addons: {snapshots: Snapshots}
  apps: Apps
  builds: Builds
  clock: Clock
  engine: Engine
  homeId: string
  /** Slugs kept for each app. */
  keep: number
  log: RuntimeLog
  pushedImages: PushedImages
  releaseTable: ReleaseTable
  repositories: Repositories
  slugs: Slugs
  sources: Sources
}

/** Removes what nobody needs any more. Every pass may be stopped anywhere and begun again: slugs are given up in the store first. */
export class Collector {
  private readonly stopped = new AbortController()
  private last: Promise<unknown> = Promise.resolve()

  constructor(private readonly deps: CollectorDeps) {}

  /** Collects every hour from now on. */
  async start(): Promise<void> {
    const {clock, log} = this.deps
    const {signal} = this.stopped
    for (let pause = firstPass; !signal.aborted; pause = hour) {
      await clock.sleep(pause, signal).catch(() => undefined)
      if (signal.aborted) return
      await this.collect({dryRun: false, cache: 'old'}).catch(error => log.info('nothing was collected', {error}))
    }
  }

  async close(): Promise<void> {
    this.stopped.abort()
    await this.last.catch(() => undefined)
  }

  /** One pass, after the one that goes on. */
  collect(options: CollectOptions): Promise<Collection> {
    const pass = this.last.then(
      () => this.pass(options),
      () => this.pass(options),
    )
    this.last = pass
    return pass
  }

  private async pass(options: CollectOptions): Promise<Collection> {
    const {engine, repositories, sources} = this.deps
    const before = await engine.storage()
    const slugs = await this.slugs(options)
    const images = await this.images(options)
    const cache = await this.cache(options)
    const snapshots = (await this.deps.addons.snapshots.expire(options)).map(({id, name, app, bytes}) => ({id, name, app, bytes}))
    const files = options.dryRun ? 0 : (await sources.collect()) + (await repositories.collect())
    const expired = snapshots.reduce((total, {bytes}) => total + bytes, 0)
    const estimate = slugs.reduce((total, {bytes}) => total + bytes, 0) + cache.bytes + expired
    const layers = options.dryRun || slugs.length + images.length === 0 ? before.layerBytes : (await engine.storage()).layerBytes
    const freed = options.dryRun ? estimate : Math.max(0, before.layerBytes - layers) + cache.bytes + expired
    return {dry_run: options.dryRun, slugs, images, cache, snapshots, files, freed_bytes: freed}
  }

  /** In the store first: from then on no rollback can ask for one whose image goes. */
  private async slugs({dryRun, keep = this.deps.keep}: CollectOptions): Promise<Collection['slugs']> {
    const running = await this.releasesOfContainers()
    const pruned: Collection['slugs'] = []
    for (const appId of this.deps.slugs.crowded()) {
      if (this.deps.builds.isBuilding(appId)) continue
      const {gone, images} = this.giveUp(appId, running, {dryRun, keep})
      pruned.push(...gone)
      if (!dryRun) for (const image of images) await this.removeImage(image)
    }
    return pruned
  }

  private giveUp(appId: string, running: ReadonlySet<string>, {dryRun, keep}: {dryRun: boolean; keep: number}) {
    const {apps, clock, pushedImages, releaseTable, slugs} = this.deps
    return releaseTable.transaction(() => {
      const there = slugs.list(appId)
      const uses = releaseTable.slugUses(appId, apps.find(appId)?.currentRelease)
      const pushed = pushedImages.list(appId).map(({slug}) => slug.id)
      const needed = new Set([...uses.needed, ...pushed, ...releaseTable.slugsOf([...running])])
      const ids = supersededSlugs({slugs: there, uses: uses.newest, needed}, {keep, now: clock.now()})
      const gone = there.filter(({id}) => ids.includes(id))
      const app = apps.find(appId)?.name ?? appId
      const told = gone.map(({id, size}) => ({app, slug: id, releases: releaseTable.versionsOf(appId, id), bytes: size ?? 0}))
      if (!dryRun) {
        slugs.prune(ids)
        releaseTable.expire(appId, ids)
      }
      const images = gone.flatMap(({container, image}) => [image, ...Object.values(container ?? {}).map(one => one.image)])
      return {gone: told, images: [...new Set(images)].filter(image => !slugs.named(appId, image))}
    })
  }

  /** Images that no slug names, and those of stacks, toolchains and routers that something has replaced. */
  private async images({dryRun}: CollectOptions): Promise<Collection['images']> {
    const {builds, clock, engine, homeId, slugs} = this.deps
    const mine = await engine.images({[label.home]: homeId})
    const ofKind = (...kinds: string[]): Image[] => mine.filter(image => kinds.includes(image.labels[label.kind] ?? ''))
    const orphans = ofKind('slug').filter(({id, labels}) => {
      const appId = labels[label.app] ?? ''
      return !builds.isBuilding(appId) && !slugs.named(appId, id)
    })
    const all = {shared: ofKind('stack', 'toolchain', 'router'), slugs: await engine.images({[label.kind]: 'slug'})}
    const replaced = builds.isBuilding() ? [] : supersededImages(all, clock.now())
    const removed: Image[] = []
    for (const image of [...orphans, ...replaced]) if (dryRun || (await this.removeImage(image.id))) removed.push(image)
    return removed.map(({id, tags, labels}) => ({id, tags, kind: labels[label.kind] ?? ''}))
  }

  private async cache({dryRun, cache}: CollectOptions): Promise<Collection['cache']> {
    const {engine} = this.deps
    const {cache: records, disk} = await engine.storage()
    const ages = {now: this.deps.clock.now(), unusedFor: cache === 'all' ? 0 : cacheAge, wanted: missingRoom(disk)}
    const stale = staleCache(records, ages)
    const ids = stale.map(({id}) => id)
    const bytes = dryRun ? stale.reduce((total, {sizeBytes}) => total + sizeBytes, 0) : await engine.removeCache(ids)
    return {records: ids.length, bytes}
  }

  private async releasesOfContainers(): Promise<ReadonlySet<string>> {
    const found = await this.deps.engine.observe({[label.home]: this.deps.homeId})
    return new Set(found.map(({labels}) => labels[label.releaseId]).filter(id => id !== undefined))
  }

  /** False when something runs it after all. */
  private async removeImage(image: string): Promise<boolean> {
    try {
      await this.deps.engine.removeImage(image)
      return true
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'conflict') throw error
      this.deps.log.info('image kept', {image, error})
      return false
    }
  }
}
