import {createHash} from 'node:crypto'
import {type CacheRecord, EngineError, type EngineEvent, type Image} from '../engine.js'
import {Broadcast} from './broadcast.js'
import type {MemoryContainer} from './container.js'
import type {Program} from './process.js'
import type {Time} from './time.js'

interface MemoryNetwork {
  labels: Record<string, string>
  /** Third byte of its addresses. */
  number: number
  hosts: number
}

/** Everything that the memory engine holds. */
export class World {
  readonly containers = new Map<string, MemoryContainer>()
  readonly networks = new Map<string, MemoryNetwork>()
  readonly volumes = new Map<string, {labels: Record<string, string>; files: Map<string, string>}>()
  readonly images = new Map<string, Image>()
  /** Image id → path → text. */
  readonly imageFiles = new Map<string, ReadonlyMap<string, string>>()
  readonly cache: CacheRecord[] = []
  disk = {freeBytes: 500 * 2 ** 30, totalBytes: 1000 * 2 ** 30}
  readonly events = new Broadcast<EngineEvent>()
  /** Whether it answers. */
  up = true
  downSince: Date | undefined
  #count = 0

  constructor(
    readonly time: Time,
    readonly program: Program,
    readonly common: Record<string, string>,
  ) {}

  nextId(): string {
    return createHash('sha256')
      .update(`memory ${this.#count++}`)
      .digest('hex')
  }

  /** By id, its beginning, or name. */
  find(ref: string): MemoryContainer | undefined {
    const exact = this.containers.get(ref)
    if (exact !== undefined) return exact
    for (const container of this.containers.values()) {
      if (container.spec.name === ref || (ref.length >= 12 && container.id.startsWith(ref))) return container
    }
    return undefined
  }

  container(ref: string): MemoryContainer {
    const found = this.find(ref)
    if (found === undefined) throw new EngineError('not_found', `There is no container ${ref}.`)
    return found
  }

  imageOf(ref: string): Image | undefined {
    const tag = ref.startsWith('sha256:') || ref.includes(':', ref.lastIndexOf('/') + 1) ? ref : `${ref}:latest`
    return this.images.get(ref) ?? [...this.images.values()].find(image => image.tags.includes(tag))
  }

  newImage(id: string, labels: Record<string, string>): Image {
    return {
      id,
      tags: [],
      labels,
      sizeBytes: 100_000_000,
      createdAt: this.time.now(),
      layers: [id],
      config: {entrypoint: [], command: ['bash'], user: '', env: {}, exposedPorts: []},
    }
  }

  /** A tag moves to the image that gets it last. */
  addImage(image: Image, tags: string[]): void {
    for (const other of this.images.values()) other.tags = other.tags.filter(tag => !tags.includes(tag))
    image.tags = [...new Set([...(this.images.get(image.id)?.tags ?? []), ...tags])]
    this.images.set(image.id, image)
  }

  addNetwork(name: string, labels: Record<string, string>): void {
    if (!this.networks.has(name)) this.networks.set(name, {labels, number: this.networks.size + 1, hosts: 1})
  }

  /** The next address on a network. Throws not_found. */
  address(network: string): string {
    const found = this.networks.get(network)
    if (found === undefined) throw new EngineError('not_found', `network ${network} not found`)
    found.hosts++
    return `10.208.${found.number}.${found.hosts}`
  }

  labelled<T extends {labels: Record<string, string>}>(things: Iterable<T>, labels: Record<string, string>): T[] {
    return [...things].filter(thing => carries(thing.labels, labels))
  }
}

export function carries(labels: Record<string, string>, wanted: Record<string, string>): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value)
}
