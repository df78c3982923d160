import {createWriteStream} from 'node:fs'
import {chmod, mkdir, symlink} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import type {Readable} from 'node:stream'
import {text} from 'node:stream/consumers'
import {pipeline} from 'node:stream/promises'
import {type Entry, extract, type Pack, pack} from 'tar-stream'
import {PlatformError} from '../schema/errors.js'
import {homeAt} from '../schema/home.js'
import {backupFormat, backupPaths, type PlatformBackup, renamed} from '../schema/platform-backup.js'

/**
 * Unpacks a platform backup into a new folder, which is a home then: what the engine is to have lies in its folder `restore`, where a runtime
 * looks first. Throws invalid_params when it is not whole, or not a backup, with a part of it in the folder.
 */
export async function unpackBackup(tar: Readable, root: string): Promise<PlatformBackup> {
  const {restore} = homeAt(root)
  // Also where there is nothing for the engine: a runtime is to see that this home comes from elsewhere.
  await mkdir(restore, {recursive: true, mode: 0o700})
  const inner = new InnerTars(restore)
  const unpack = extract()
  // Unlike `pipe` it also passes on what went wrong before.
  pipeline(tar, unpack).catch(() => undefined)
  let manifest: PlatformBackup | undefined
  let whole = false
  try {
    for await (const entry of unpack) {
      const {name} = entry.header
      if (manifest === undefined) manifest = await readManifest(entry)
      else if (name === backupPaths.end) whole = true
      else if (name.startsWith(`${backupPaths.home}/`)) await unpackFile(entry, root)
      else if (!(await inner.take(entry))) throw damaged(`it has ${JSON.stringify(name)}`)
      entry.resume()
    }
    await inner.end()
  } catch (error) {
    throw error instanceof PlatformError ? error : damaged((error as Error).message, error)
  }
  if (manifest === undefined || !whole) throw damaged('its end is missing')
  return manifest
}

function damaged(why: string, cause?: unknown): PlatformError {
  return new PlatformError('invalid_params', `The backup cannot be restored, and nothing was changed: ${why}.`, {cause})
}

async function readManifest(entry: Entry): Promise<PlatformBackup> {
  if (entry.header.name !== backupPaths.manifest) throw damaged('it is no backup of a hokku runtime')
  const manifest = JSON.parse(await text(entry)) as PlatformBackup
  if (manifest.format !== backupFormat) throw damaged(`hokku ${manifest.version} wrote it in a later format: update hokku`)
  return manifest
}

/** Nothing but plain names below the home, and links to what lies beside them. */
async function unpackFile(entry: Entry, root: string): Promise<void> {
  const {name, mode, type, linkname} = entry.header
  const parts = name.replace(/\/$/, '').split('/').slice(1)
  if (parts.some(part => part === '' || part === '.' || part === '..')) throw damaged(`it has ${JSON.stringify(name)}`)
  const path = join(root, ...parts)
  await mkdir(dirname(path), {recursive: true, mode: 0o700})
  if (type === 'directory') await mkdir(path, {recursive: true, mode: 0o700})
  else if (type === 'symlink' && linkname && !linkname.includes('/')) await symlink(linkname, path)
  else if (type === 'file') {
    // Not each of ten thousand files: that may take minutes.
    const flush = parts.length === 1
    await pipeline(entry, createWriteStream(path, {flags: 'wx', mode: 0o600, flush}))
    await chmod(path, (mode ?? 0o600) & 0o700)
  } else throw damaged(`it has ${JSON.stringify(name)}`)
}

/** The tars of volumes and images, whose entries follow one another, made files again. */
class InnerTars {
  private current: {path: string; tar: Pack; written: Promise<void>} | undefined

  constructor(private readonly directory: string) {}

  /** False when the entry belongs to none. */
  async take(entry: Entry): Promise<boolean> {
    const [, kind, addon, rest] = /^(volumes)\/([0-9a-f-]+)\/(.+)$/s.exec(entry.header.name) ?? []
    if (kind !== undefined) await this.add(join(this.directory, 'volumes', `${addon}.tar`), entry, rest as string)
    else if (entry.header.name.startsWith(`${backupPaths.images}/`))
      await this.add(join(this.directory, 'images.tar'), entry, entry.header.name.slice(backupPaths.images.length + 1))
    else return false
    return true
  }

  async end(): Promise<void> {
    this.current?.tar.finalize()
    await this.current?.written
    this.current = undefined
  }

  private async add(path: string, entry: Entry, name: string): Promise<void> {
    if (this.current?.path !== path) await this.begin(path)
    const {tar} = this.current as {tar: Pack}
    const prefix = entry.header.name.length - name.length
    const header = renamed(entry.header, full => full.slice(prefix))
    if (entry.header.type === 'file') await pipeline(entry, tar.entry(header))
    else tar.entry(header)
  }

  private async begin(path: string): Promise<void> {
    await this.end()
    await mkdir(dirname(path), {recursive: true, mode: 0o700})
    const tar = pack()
    const written = pipeline(tar, createWriteStream(path, {flags: 'wx', mode: 0o600, flush: true}))
    written.catch(() => undefined)
    this.current = {path, tar, written}
  }
}
