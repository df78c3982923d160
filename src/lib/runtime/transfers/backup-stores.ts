import {isAbsolute, join} from 'node:path'
import type {Readable} from 'node:stream'
import {fileURLToPath} from 'node:url'
import {PlatformError} from '../../schema/errors.js'
import {readSetting, type Store, writeSetting} from '../store/store.js'
import type {Seal} from '../support/seal.js'
import {SealedFiles} from '../support/sealed-files.js'
import {S3Files} from './s3-files.js'

/** Where dumps lie, encrypted, each under the id of its transfer: there whole or not at all. */
export interface BackupFiles {
  write(id: string, dump: Readable, how: {onBytes: (bytes: number) => void; signal: AbortSignal}): Promise<void>
  /** What was written counts when it resolves. */
  keep(id: string): Promise<void>
  /** In the clear. Ends with an error when it is not there or not whole. */
  read(id: string): Readable
  remove(id: string): Promise<void>
}

/** What new backups go to. `keys` are of S3 only. */
export interface WantedStore {
  /** `local`, `file:///mnt/backups`, `s3://bucket/prefix`. */
  url: string
  endpoint?: string
  region?: string
  keys?: {access: string; secret: string}
}

export interface StoreFacts {
  url: string
  endpoint: string | null
  region: string | null
  access_key: string | null
}

interface Deps {
  store: Store
  seal: Seal
  /** Part of every key in a bucket: two homes may share one. */
  homeId: string
  /** The home's own folder. */
  local: SealedFiles
}

const current = 'backups.store'
const known = 'backups.store.'

/** The home's folder, any other one, or a bucket of S3's kind. Those that were in use before are remembered: their backups can be restored. */
export class BackupStores {
  constructor(private readonly deps: Deps) {}

  /** Name of where new backups go; a transfer keeps it. */
  get current(): string {
    return readSetting(this.deps.store, current) ?? 'local'
  }

  facts(): StoreFacts {
    const {url, endpoint = null, region = null, keys} = this.wanted(this.current)
    return {url, endpoint, region, access_key: keys?.access ?? null}
  }

  /** By name. Throws not_found for one that was never set here. */
  of(name: string): BackupFiles {
    return name === 'local' ? this.deps.local : this.open(this.wanted(name))
  }

  /** From now on new backups go there, once it has been written to, read and cleared. Throws invalid_params with what went wrong. */
  async use(wanted: WantedStore): Promise<void> {
    const {store, seal} = this.deps
    const name = nameOf(wanted)
    if (name !== 'local') await probe(this.open(wanted), name)
    store.transaction(() => {
      if (name !== 'local') writeSetting(store, known + name, seal.seal(JSON.stringify(wanted)))
      writeSetting(store, current, name)
    })
  }

  private wanted(name: string): WantedStore {
    if (name === 'local') return {url: 'local'}
    const sealed = readSetting(this.deps.store, known + name)
    if (sealed === undefined) throw new PlatformError('not_found', `There is no store ${name}. Set it with \`hokku pg:backups:store\`.`)
    return JSON.parse(this.deps.seal.open(sealed)) as WantedStore
  }

  private open(wanted: WantedStore): BackupFiles {
    const {seal, homeId} = this.deps
    const key = seal.keyFor('backups')
    const {protocol, hostname, pathname} = parsed(wanted.url)
    if (protocol === 'file:') return new SealedFiles(join(fileURLToPath(wanted.url), homeId), key, 'dump')
    const prefix = [...pathname.split('/').filter(part => part !== ''), homeId].join('/')
    const {endpoint, region, keys} = wanted
    if (keys === undefined) throw new PlatformError('invalid_params', 'A bucket needs an access key and its secret.')
    const place = {bucket: decodeURIComponent(hostname), prefix, keys}
    return new S3Files({...place, ...(endpoint !== undefined && {endpoint}), ...(region !== undefined && {region})}, key)
  }
}

/** What stands for it in a transfer: which bucket where, not with whose keys. */
function nameOf({url, endpoint}: WantedStore): string {
  if (url === 'local') return url
  const {protocol} = parsed(url)
  if (protocol === 'file:' && isAbsolute(fileURLToPath(url))) return url
  if (protocol === 's3:') return endpoint === undefined ? url : `${url} at ${endpoint}`
  throw new PlatformError('invalid_params', `${url} is neither local, nor file:///FOLDER, nor s3://BUCKET.`)
}

function parsed(url: string): URL {
  if (URL.canParse(url)) return new URL(url)
  throw new PlatformError('invalid_params', `${url} is neither local, nor file:///FOLDER, nor s3://BUCKET.`)
}

/** A dump's way there and back, with a small one. */
async function probe(files: BackupFiles, name: string): Promise<void> {
  const {Readable: Streams} = await import('node:stream')
  const {text} = await import('node:stream/consumers')
  const id = 'probe'
  try {
    const signal = AbortSignal.timeout(60_000)
    await files.write(id, Streams.from([Buffer.from('hokku')]), {onBytes: () => undefined, signal})
    await files.keep(id)
    if ((await text(files.read(id))) !== 'hokku') throw new Error('what was written is not what is read')
    await files.remove(id)
  } catch (cause) {
    throw new PlatformError('invalid_params', `${name} cannot be used for backups: ${(cause as Error).message}`, {cause})
  }
}
