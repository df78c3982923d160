import {randomUUID} from 'node:crypto'
import {type FileHandle, lstat, mkdir, open, readlink, rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {extract, type Headers, type Pack, pack} from 'tar-stream'
import type {Engine} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'
import type {Home} from '../../schema/home.js'
import {type BackedUpImages, backupFormat, backupPaths, type PlatformBackup, renamed} from '../../schema/platform-backup.js'
import type {AddonRecord} from '../addons/addons.js'
import type {Apps} from '../apps/apps.js'
import type {Store} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import {type HomeFile, homeFiles} from './home-files.js'

/** The add-ons whose data goes along; declared here, done by the add-ons. */
export interface BackedUpAddons {
  list(): AddonRecord[]
  /** Tags of the images that their servers run. */
  images(): Promise<string[]>
  /** Hands over what an add-on's volume holds at one moment, as a tar; undefined when it has none any more. */
  data<T>(addon: AddonRecord, take: (tar: Readable) => Promise<T>): Promise<T | undefined>
}

export interface WriteBackupDeps {
  engine: Engine
  store: Store
  home: Home
  homeId: string
  apps: Apps
  addons: BackedUpAddons
  clock: Clock
  log: RuntimeLog
  version: string
}

export interface BackupOptions {
  /** Which images go along: none, those that apps run, or those of add-ons and of the router too, which could be built again. */
  images: BackedUpImages
}

/** The platform as a tar, made while it is read; it breaks off with an error when something cannot be had. */
export function writeBackup(deps: WriteBackupDeps, options: BackupOptions): Readable {
  const tar = pack()
  fill(tar, deps, options).then(
    () => tar.finalize(),
    error => {
      deps.log.error('a backup of the platform broke off', {error})
      tar.destroy(error)
    },
  )
  return tar as unknown as Readable
}

async function fill(tar: Pack, deps: WriteBackupDeps, options: BackupOptions): Promise<void> {
  const aside = join(deps.home.root, `backup-${randomUUID()}`)
  await mkdir(aside, {mode: 0o700})
  try {
    const addons = deps.addons.list().filter(addon => addon.state === 'provisioned')
    const images = await imagesOf(deps, options.images)
    await text(tar, backupPaths.manifest, JSON.stringify(manifestOf(deps, addons, images), null, 2))
    // First, so that whatever it names is in what comes after it.
    deps.store.copyTo(join(aside, 'store'))
    await file(tar, {path: join(aside, 'store'), name: 'hokku.sqlite'})
    for await (const one of homeFiles(deps.home, aside)) await file(tar, one)
    for (const addon of addons)
      await deps.addons.data(addon, volume => nest(tar, volume, name => `${backupPaths.volumes}/${addon.id}/${name}`))
    if (images.length > 0) await deps.engine.saveImages(images, saved => nest(tar, saved, name => `${backupPaths.images}/${name}`))
    await text(tar, backupPaths.end, '{}')
  } finally {
    await rm(aside, {recursive: true, force: true})
  }
}

function manifestOf({apps, clock, homeId, version}: WriteBackupDeps, addons: AddonRecord[], images: string[]): PlatformBackup {
  return {
    format: backupFormat,
    version,
    created_at: clock.now().toISOString(),
    home_id: homeId,
    apps: apps.list().map(app => app.name),
    addons: addons.map(({id, name, service}) => ({id, name, service})),
    images: images.length,
  }
}

/** Of all slugs that are kept, so that a rollback works too. With all, a machine without a network can serve. */
async function imagesOf({addons, engine, homeId}: WriteBackupDeps, which: BackedUpImages): Promise<string[]> {
  const slugs = which === 'none' ? [] : await engine.images({[label.home]: homeId, [label.kind]: 'slug'})
  const routers = which === 'all' ? await engine.images({[label.kind]: 'router'}) : []
  const [router] = routers.sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime())
  const ids = [...slugs, ...(router === undefined ? [] : [router])].map(image => image.id)
  return which === 'all' ? [...ids, ...(await addons.images())] : ids
}

/** What is gone by now was not wanted any more. What grows meanwhile is taken as long as it is now. */
async function file(tar: Pack, {path, name}: HomeFile): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  const header = {name: `${backupPaths.home}/${name}`, mode: found.mode & 0o777, mtime: found.mtime}
  if (found.isSymbolicLink()) tar.entry({...header, type: 'symlink', linkname: await readlink(path)})
  else if (found.isDirectory()) tar.entry({...header, type: 'directory'})
  else if (found.isFile()) await withFile(path, handle => content(tar, header, handle))
}

async function withFile(path: string, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(path).catch(() => undefined)
  if (handle !== undefined) await work(handle).finally(() => handle.close())
}

async function content(tar: Pack, header: Headers, handle: FileHandle): Promise<void> {
  const {size} = await handle.stat()
  const entry = tar.entry({...header, size})
  if (size === 0) return void entry.end()
  await pipeline(handle.createReadStream({start: 0, end: size - 1, autoClose: false}), entry)
}

async function text(tar: Pack, name: string, content: string): Promise<void> {
  await new Promise<void>((resolve, reject) => tar.entry({name, mode: 0o600}, content, error => (error ? reject(error) : resolve())))
}

/** Puts the entries of a tar into another one under other names. */
async function nest(tar: Pack, inner: Readable, rename: (name: string) => string): Promise<void> {
  const unpack = extract()
  inner.on('error', error => unpack.destroy(error)).pipe(unpack)
  for await (const entry of unpack) {
    const header = renamed(entry.header, rename)
    if (entry.header.type === 'file' || entry.header.type === 'contiguous-file') await pipeline(entry, tar.entry(header))
    else {
      entry.resume()
      tar.entry(header)
    }
  }
}
