import {pipeline} from 'node:stream/promises'
import {createGunzip, createGzip} from 'node:zlib'
import {type Engine, EngineError} from '../../engine/engine.js'
import {PlatformError} from '../../schema/errors.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {EngineNames} from '../support/names.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {Seal} from '../support/seal.js'
import {counted, type SealedFiles} from '../support/sealed-files.js'
import type {AddonRecord} from './addons.js'
import type {CatalogueService} from './catalogue.js'
import type {AddonImages} from './images.js'

/** How long the data of a destroyed add-on is kept, in ms. */
const keptFor = 7 * 24 * 60 * 60 * 1000

/** What an add-on held when it was destroyed. */
export interface Snapshot {
  /** The id that the add-on had (UUID). */
  id: string
  /** The name that it had. */
  name: string
  /** Of the app it was billed to. */
  app: string
  service: string
  plan: string
  /** Of the data: a server that gets it back knows no others. */
  credentials: Record<string, string>
  /** Bytes of the data. */
  dataBytes: number
  /** Bytes of the encrypted file. */
  bytes: number
  createdAt: Date
  expiresAt: Date
}

export interface SnapshotsDeps {
  engine: Engine
  store: Store
  seal: Seal
  clock: Clock
  log: RuntimeLog
  names: EngineNames
  snapshotFiles: SealedFiles
}

interface SnapshotRow {
  id: string
  name: string
  app: string
  service: string
  plan: string
  credentials_sealed: string
  data_bytes: number
  bytes: number
  created_at: string
  expires_at: string
}

/** The volumes of destroyed add-ons, kept for a week as encrypted files: whatever the service, its volume is all that it knows. */
export class Snapshots {
  constructor(
    private readonly deps: SnapshotsDeps,
    private readonly images: AddonImages,
  ) {}

  /** The newest first. */
  list(): Snapshot[] {
    return this.deps.store.all<SnapshotRow>('SELECT * FROM addon_snapshots ORDER BY created_at DESC, id').map(row => this.read(row))
  }

  /** By id, or by the name that the add-on had. Throws not_found, and invalid_params for a name that several had. */
  get(identity: string): Snapshot {
    const found = this.list().filter(one => one.id === identity || one.name === identity)
    if (found.length === 1) return found[0] as Snapshot
    if (found.length === 0)
      throw new PlatformError('not_found', `Couldn't find a snapshot of ${identity}. addons:snapshots lists those that are kept.`)
    const ids = found.map(one => `${one.id} (destroyed ${one.createdAt.toISOString()})`).join(', ')
    throw new PlatformError('invalid_params', `Several add-ons of that name were destroyed: ${ids}. Say which by its id.`)
  }

  /** Keeps what the volume of an add-on holds, whose server does not run. Done before is success; without a volume there is nothing to do. */
  async take(addon: AddonRecord, app: string, service: CatalogueService, signal: AbortSignal): Promise<void> {
    const {engine, store, seal, clock, names, snapshotFiles: files, log} = this.deps
    if (store.get('SELECT id FROM addon_snapshots WHERE id = ?', addon.id) !== undefined) return
    let dataBytes = 0
    const image = await this.images.ensure(service, signal)
    const taken = await engine.volumeTree(names.addonVolume(addon.id), image, async tar => {
      const packed = createGzip({level: 1})
      const count = counted(bytes => {
        dataBytes = bytes
      })
      const writing = files.write(addon.id, packed, {onBytes: () => undefined, signal})
      await Promise.all([pipeline(tar, count, packed, {signal}), writing])
      return true
    })
    if (taken === undefined) return
    await files.keep(addon.id)
    const now = clock.now()
    store.run(
      `INSERT INTO addon_snapshots (id, name, app, service, plan, credentials_sealed, data_bytes, bytes, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[addon.id, addon.name, app, addon.service, addon.plan, seal.seal(JSON.stringify(addon.credentials)), dataBytes],
      ...[await files.size(addon.id), now.toISOString(), new Date(now.getTime() + keptFor).toISOString()],
    )
    log.info('data of a destroyed add-on kept', {addon: addon.name, bytes: dataBytes})
  }

  /** Fills an empty volume with what a snapshot holds. Throws when it is not whole, with a part of it there. */
  async fill(volume: string, id: string, image: string): Promise<void> {
    const unpacked = createGunzip()
    const reading = pipeline(this.deps.snapshotFiles.read(this.get(id).id), unpacked)
    await Promise.all([reading, this.deps.engine.fillVolume(volume, image, unpacked)])
  }

  async remove({id}: Pick<Snapshot, 'id'>): Promise<void> {
    this.deps.store.run('DELETE FROM addon_snapshots WHERE id = ?', id)
    await this.deps.snapshotFiles.remove(id)
  }

  /** Those whose week is over; removed unless it is a dry run. */
  async expire({dryRun}: {dryRun: boolean}): Promise<Snapshot[]> {
    const now = this.deps.clock.now()
    const over = this.list().filter(one => one.expiresAt <= now)
    for (const one of dryRun ? [] : over) await this.remove(one)
    return over
  }

  /** Removes files that belong to none: left by a kill. Before the first one is taken. */
  async sweep(): Promise<void> {
    await this.deps.snapshotFiles.sweep(new Set(this.list().map(one => one.id)))
  }

  private read(row: SnapshotRow): Snapshot {
    const {id, name, app, service, plan, bytes} = row
    const credentials = JSON.parse(this.deps.seal.open(row.credentials_sealed)) as Record<string, string>
    const times = {createdAt: new Date(row.created_at), expiresAt: new Date(row.expires_at)}
    return {id, name, app, service, plan, credentials, dataBytes: row.data_bytes, bytes, ...times}
  }
}

/** Why data could not be kept, in words of use to who destroys an add-on. */
export function notKept(addon: AddonRecord, error: unknown): unknown {
  if (error instanceof EngineError && error.code === 'unavailable') return error
  return new PlatformError(
    'service_unavailable',
    `The data of ${addon.name} could not be kept as a snapshot, so it was not removed: ${(error as Error).message}. ` +
      'Destroy it again when that is mended; the runtime also tries again when it starts.',
    {resource: 'add_on', cause: error},
  )
}
