import type {FileHandle} from 'node:fs/promises'
import {posix} from 'node:path'
import {RejectedSource} from '../buildpacks/buildpack.js'
import {withoutEscapes} from './tar-links.js'

/** A file or symlink of a tar; folders are implied by paths. */
export interface TarEntry {
  path: string
  type: 'file' | 'symlink'
  /** Permission bits. */
  mode: number
  /** Seconds since 1970; web servers make ETags of it. */
  modified: number
  /** Bytes of content, at `offset` of the tar file. */
  size: number
  offset: number
  /** Target of a symlink. */
  link: string | undefined
}

const block = 512
const windowBytes = 1 << 20
/** Beyond these an archive is made to harm: more files than any app has, and a name or comment larger than any path. */
const mostEntries = 500_000
const longestExtension = 1 << 20

/** As Linux has it, in bytes: of a path, and of each name in it. */
const longestPath = 4095
const longestName = 255

/**
 * Lists what a tar holds by reading its headers only. `.git` is left out. Throws RejectedSource for what is no tar or not a whole
 * one, and for what has no place in an app: paths and symlinks that lead out of it, devices, pipes. Of an `archive` in which one
 * folder holds everything, as GitHub makes them, that folder is the root; names that begin with `./` say where the root is. What a
 * build made (`built`) may have symlinks to anywhere: to the stack's programs, say.
 */
export async function indexTar(file: FileHandle, layout: 'tree' | 'archive' | 'built' = 'tree'): Promise<TarEntry[]> {
  const found = new Map<string, TarEntry>()
  const read = windowed(file)
  const end = (await file.stat()).size
  let longer: Extension = {}
  let rooted = layout === 'tree'
  for (let at = 0; ; ) {
    const header = await read(at, block)
    if (header.length === 0 || header[0] === 0) break
    if (header.length < block || !intact(header)) throw new RejectedSource([notWhole])
    const type = String.fromCharCode(header[156] ?? 0)
    const offset = at + block
    const size = sizeOf(longer.size ?? octal(header, 124, 12), end - offset)
    at = offset + Math.ceil(size / block) * block
    if (found.size > mostEntries) throw new RejectedSource([`The source has more than ${mostEntries} files.`])
    if ('gxLK'.includes(type)) {
      if (size > longestExtension) throw new RejectedSource([notWhole])
      longer = {...longer, ...extension(type, await read(offset, size))}
      continue
    }
    const name = longer.path ?? nameOf(header)
    rooted ||= name.startsWith('./') && type !== '5'
    add(found, entryOf(header, type, {name, link: longer.link, size, offset}))
    longer = {}
  }
  const entries = [...found.values()]
  if (layout === 'built') return entries
  return withoutEscapes(rooted ? entries : withoutTopFolder(entries))
}

const notWhole = 'The source is not a tar archive, or it is damaged or cut off.'

/** Bytes of content, which must be there: what reads them later trusts this number. */
function sizeOf(size: number, left: number): number {
  if (!Number.isSafeInteger(size) || size < 0 || size > left) throw new RejectedSource([notWhole])
  return size
}

/** The header's checksum: its bytes added up, those of the checksum itself as spaces. */
function intact(header: Buffer): boolean {
  let sum = 8 * 0x20
  for (let at = 0; at < block; at += 1) if (at < 148 || at >= 156) sum += header[at] as number
  return sum === octal(header, 148, 8)
}

interface Raw {
  name: string
  link: string | undefined
  size: number
  offset: number
}

function nameOf(header: Buffer): string {
  const prefix = header.toString('latin1', 257, 262) === 'ustar' && header[262] === 0 ? text(header, 345, 155) : ''
  return prefix === '' ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`
}

function entryOf(header: Buffer, type: string, raw: Raw): (TarEntry & {kind: string}) | undefined {
  const path = safePath(raw.name)
  if (path === undefined || type === '5' || path === '.git' || path.startsWith('.git/')) return undefined
  const link = raw.link ?? text(header, 157, 100)
  const kinds: Record<string, string> = {'0': 'file', '\0': 'file', '7': 'file', '1': 'hardlink', '2': 'symlink'}
  const kind = kinds[type]
  if (type === 'S') throw sparse(path)
  if (Buffer.byteLength(link) > longestPath) throw new RejectedSource([`${path}: a link to a path longer than Linux has them.`])
  if (kind === undefined) throw new RejectedSource([`${path}: a device or a pipe has no place in an app's source.`])
  return {
    path,
    kind,
    type: kind === 'symlink' ? 'symlink' : 'file',
    mode: octal(header, 100, 8) & 0o777,
    modified: octal(header, 136, 12),
    size: kind === 'file' ? raw.size : 0,
    offset: raw.offset,
    link: kind === 'file' ? undefined : link,
  }
}

function add(found: Map<string, TarEntry>, entry: (TarEntry & {kind: string}) | undefined): void {
  if (entry === undefined) return
  const {kind, ...plain} = entry
  found.delete(plain.path)
  if (kind !== 'hardlink') return void found.set(plain.path, plain)
  const original = found.get(safePath(plain.link ?? '') ?? '')
  if (original === undefined) throw new RejectedSource([`${plain.path}: a hard link to ${plain.link}, which is not in the source.`])
  found.set(plain.path, {...original, path: plain.path})
}

/** Undefined for the root itself. */
function safePath(name: string): string | undefined {
  if (name.startsWith('/') || name.split('/').includes('..') || name.includes('\0') || name.includes('\n'))
    throw new RejectedSource([`${JSON.stringify(name)}: a path that leads out of the app's source.`])
  const path = posix.normalize(name).replace(/\/$/, '')
  if (Buffer.byteLength(path) > longestPath || path.split('/').some(part => Buffer.byteLength(part) > longestName))
    throw new RejectedSource([`${path.slice(0, 60)}…: a path or a name in it is longer than Linux has them.`])
  return path === '.' || path === '' ? undefined : path
}

function withoutTopFolder(entries: TarEntry[]): TarEntry[] {
  const top = `${entries[0]?.path.split('/', 1)[0]}/`
  if (entries.length === 0 || !entries.every(entry => entry.path.startsWith(top))) return entries
  return entries.map(entry => ({...entry, path: entry.path.slice(top.length)}))
}

function sparse(path: string): RejectedSource {
  return new RejectedSource([`${path}: is a sparse file, which is not taken. Make the archive without --sparse.`])
}

interface Extension {
  path?: string
  link?: string
  size?: number
}

/** pax headers (`x`; `g` holds nothing that we need) and GNU's long names. */
function extension(type: string, content: Buffer): Extension {
  if (type === 'g') return {}
  if (type === 'L') return {path: text(content, 0, content.length)}
  if (type === 'K') return {link: text(content, 0, content.length)}
  const fields = new Map<string, string>()
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at)
    const length = Number(content.toString('latin1', at, space))
    if (space === -1 || !(length > 0)) break
    const [key = '', ...value] = content.toString('utf8', space + 1, at + length - 1).split('=')
    fields.set(key, value.join('='))
    at += length
  }
  const [path, link, size] = [fields.get('path'), fields.get('linkpath'), fields.get('size')]
  if ([...fields.keys()].some(key => key.startsWith('GNU.sparse.'))) throw sparse(fields.get('GNU.sparse.name') ?? path ?? 'A file')
  return {...(path && {path}), ...(link && {link}), ...(size && {size: Number(size)})}
}

function text(buffer: Buffer, from: number, length: number): string {
  const end = buffer.indexOf(0, from)
  return buffer.toString('utf8', from, end === -1 || end > from + length ? from + length : end)
}

function octal(header: Buffer, from: number, length: number): number {
  if ((header[from] ?? 0) & 0x80) return Number(header.readBigUInt64BE(from + length - 8))
  return Number.parseInt(text(header, from, length).trim() || '0', 8)
}

/** Reads through a window of 1 MB, so that thousands of small files cost a handful of reads. */
export function windowed(file: FileHandle): (at: number, length: number) => Promise<Buffer> {
  let start = 0
  let window = Buffer.alloc(0)
  return async (at, length) => {
    if (at < start || at + length > start + window.length) {
      const bytes = Buffer.allocUnsafe(Math.max(windowBytes, length))
      const {bytesRead} = await file.read(bytes, 0, bytes.length, at)
      start = at
      window = bytes.subarray(0, bytesRead)
    }
    return window.subarray(at - start, at - start + length)
  }
}
