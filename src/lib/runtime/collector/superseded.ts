import type {CacheRecord, Image} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'

const minute = 60_000
const day = 24 * 60 * minute

export interface SlugFacts {
  /** Those of one app that are still there. */
  slugs: {id: string; createdAt: Date}[]
  /** Slug → the newest of its releases that succeeded. */
  uses: ReadonlyMap<string, number>
  /** Slugs of the current release, of the newest, of those that are pending, of every container, and of images pushed for a release to come. */
  needed: ReadonlySet<string>
}

/** The slugs beyond the newest `keep` that releases ran with. One that no release has is kept for a day. */
export function supersededSlugs({slugs, uses, needed}: SlugFacts, {keep, now}: {keep: number; now: Date}): string[] {
  const newest = [...uses].sort(([, a], [, b]) => b - a).slice(0, keep)
  const recent = new Set(newest.map(([slug]) => slug))
  return slugs
    .filter(({id}) => !needed.has(id) && !recent.has(id))
    .filter(({id, createdAt}) => uses.has(id) || now.getTime() - createdAt.getTime() > day)
    .map(({id}) => id)
}

/** How long an image that all apps share is kept after something took its place: a build may still begin with it. */
const sharedImageAge = 7 * day

export interface SharedImages {
  /** Of stacks, toolchains and the router, made by this home. */
  shared: Image[]
  /** Of all apps, of every home on the engine. */
  slugs: Image[]
}

/** Images that all apps share, from which no slug descends, and that are not the newest of their name. */
export function supersededImages({shared, slugs}: SharedImages, now: Date): Image[] {
  const alive = new Set(shared.filter(image => isAlive(image, shared, slugs)).flatMap(generations))
  return shared.filter(
    image => now.getTime() - image.createdAt.getTime() > sharedImageAge && !generations(image).some(one => alive.has(one)),
  )
}

function isAlive(image: Image, shared: Image[], slugs: Image[]): boolean {
  if (slugs.some(slug => descends(slug, image))) return true
  // A language's version that no app runs with comes back in seconds when one asks for it; a stack or router takes longer.
  return image.labels[label.kind] !== 'toolchain' && isNewest(image, shared)
}

function isNewest(image: Image, shared: Image[]): boolean {
  const names = new Set(image.tags.map(nameOf))
  return !shared.some(other => other.createdAt > image.createdAt && other.tags.some(tag => names.has(nameOf(tag))))
}

function descends(image: Image, from: Image): boolean {
  return from.layers.length > 0 && from.layers.every((layer, index) => image.layers[index] === layer)
}

function nameOf(tag: string): string {
  return tag.slice(0, tag.lastIndexOf(':')).replace(/-build$/, '')
}

/** `hokku/node-build:1a2b` and `hokku/node:1a2b` come and go together. */
function generations({id, tags}: Image): string[] {
  return tags.length === 0 ? [id] : tags.map(tag => `${nameOf(tag)}:${tag.slice(tag.lastIndexOf(':') + 1)}`)
}

/** A context that a build has read is of no use to any other. */
const contextAge = 10 * minute
/** Records of one pass. */
const mostRecords = 1000

export interface CacheAges {
  now: Date
  /** Unused for so long, in ms. */
  unusedFor: number
  /** Bytes that are wanted at once: then the age does not count, and what was used last goes last. */
  wanted?: number
}

/** Build cache of ours that is old, or that must make room. Docker does not say who made a record; its command does. */
export function staleCache(records: CacheRecord[], {now, unusedFor, wanted = 0}: CacheAges): CacheRecord[] {
  const byId = new Map(records.map(record => [record.id, record]))
  const age = ({lastUsedAt}: CacheRecord): number => now.getTime() - lastUsedAt.getTime()
  const idle = records.filter(({inUse}) => !inUse)
  const contexts = idle.filter(record => isContext(record) && age(record) > contextAge)
  const ours = idle.filter(record => !record.shared && !isContext(record) && isOurs(record, byId)).sort((a, b) => age(b) - age(a))
  let room = contexts.reduce((total, {sizeBytes}) => total + sizeBytes, 0)
  const old = ours.filter(record => {
    if (age(record) <= unusedFor && room >= wanted) return false
    room += record.sizeBytes
    return true
  })
  return [...contexts, ...old].slice(0, mostRecords)
}

/** The tar of a build that came through the Engine API, as ours do. */
function isContext({description}: CacheRecord): boolean {
  return description.startsWith('http url http://build-context-')
}

/** Steps of ours say so in their command; a copy is ours when it lies upon one, or upon nothing (a context, unpacked). */
function isOurs({description, parents}: CacheRecord, byId: ReadonlyMap<string, CacheRecord>): boolean {
  if (description !== 'fileop target') return /step-shell|\/run\/hokku\/|\/usr\/local\/heroku|\/out\/run\//.test(description)
  return parents.every(parent => {
    const below = byId.get(parent)
    return below !== undefined && isOurs(below, byId)
  })
}

/** Whether less than a twentieth of the disk is free, or less than 5 GB; what is missing then, in bytes. */
export function missingRoom(disk: {freeBytes: number; totalBytes: number} | undefined): number {
  if (disk === undefined) return 0
  return Math.max(0, Math.max(disk.totalBytes / 20, Math.min(5 * 2 ** 30, disk.totalBytes / 5)) - disk.freeBytes)
}
