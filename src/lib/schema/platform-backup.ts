import type {Headers} from 'tar-stream'

/** What the paths in a platform backup, which is a tar, begin with. */
export const backupPaths = {
  /** The first entry: a `PlatformBackup`. */
  manifest: 'hokku-backup.json',
  /** Files of the home, under the names they have there. */
  home: 'home',
  /** `volumes/ADDON/volume/…`: what each add-on's volume holds. */
  volumes: 'volumes',
  /** What the engine hands over for images. */
  images: 'images',
  /** The last entry: without it the backup is not whole. */
  end: 'hokku-backup-end.json',
} as const

export const backupFormat = 1

export const backedUpImages = ['none', 'slugs', 'all'] as const
export type BackedUpImages = (typeof backedUpImages)[number]

/** What a platform backup tells of itself. */
export interface PlatformBackup {
  format: number
  /** Of the hokku that wrote it. */
  version: string
  created_at: string
  /** Of the home: its containers, networks and volumes have it in their names. */
  home_id: string
  /** Names. */
  apps: string[]
  /** Those whose data is in it. */
  addons: {id: string; name: string; service: string}[]
  /** How many images are in it. */
  images: number
}

/** How far the data of a restored backup has come back. */
export interface RestoreState {
  /** Whether something is still to be done. */
  pending: boolean
  /** Why it does not go on; it is tried again all the same. */
  problem: string | null
  /** Names of add-ons whose data came back. */
  restored: string[]
  /** Names of those whose data was in this engine already, and was left as it is. */
  kept: string[]
}

/** Not in the package's types: attributes beyond those of old tars. */
type Paxed = Headers & {pax?: Record<string, string>}

/** A tar entry under another name; what its own says of its name (PAX) goes. */
export function renamed(header: Headers, rename: (name: string) => string): Headers {
  const {path: _path, linkpath: _linkpath, size: _size, ...pax} = (header as Paxed).pax ?? {}
  const linkname = header.type === 'link' && typeof header.linkname === 'string' ? rename(header.linkname) : header.linkname
  const entry: Paxed = {...header, name: rename(header.name), ...(linkname != null && {linkname})}
  if (Object.keys(pax).length > 0) entry.pax = pax
  else delete entry.pax
  return entry
}
