import {chmod, mkdir, rename, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Home} from '../../schema/home.js'
import {mostThreads} from './haproxy-frontends.js'

/** Where HAProxy's files lie on the host. */
export interface HaproxyFiles {
  /** Mounted read-only as /hokku. */
  files: string
  /** In `files`: certificates with their keys. */
  certificates: string
}

/** Where HAProxy's files and sockets lie on the host. */
export interface HaproxyDirectory extends HaproxyFiles {
  /** Mounted as /hokku/sockets; one per container, so that an old one that ends does not take the new one's away. */
  sockets: string
  /** The named pipes into which HAProxy's threads write their lines, first thread first; HAProxy's container makes them. */
  lines: string[]
}

/** Longest path of a unix socket that Linux takes. */
const longestSocketPath = 107

/** Of the pipes of that many threads. */
export function pipeNames(threads: number): string[] {
  return Array.from({length: threads}, (_, index) => (index === 0 ? 'lines' : `lines-${index + 1}`))
}

export function haproxyFiles(home: Pick<Home, 'router'>): HaproxyFiles {
  const files = join(home.router, 'files')
  return {files, certificates: join(files, 'certs')}
}

export function haproxyDirectory(home: Pick<Home, 'router' | 'socketDirectory'>, mark: string): HaproxyDirectory {
  const inside = join(home.router, `sockets-${mark}`)
  const fits = Buffer.byteLength(join(inside, 'master.sock')) <= longestSocketPath
  const sockets = fits ? inside : join(home.socketDirectory, `r-${mark}`)
  return {...haproxyFiles(home), sockets, lines: pipeNames(mostThreads).map(name => join(sockets, name))}
}

/** Makes the directories. HAProxy's master is root without the right to ignore permissions, so it needs our group's. */
export async function makeDirectories({files, certificates, sockets}: HaproxyDirectory): Promise<void> {
  await mkdir(join(files, 'sockets'), {recursive: true})
  await makePrivateToGroup(certificates)
  await mkdir(sockets, {recursive: true})
  await chmod(files, 0o750)
  await chmod(sockets, 0o770)
}

/** Makes a directory that our group may read and nobody else. */
export async function makePrivateToGroup(directory: string): Promise<void> {
  await mkdir(directory, {recursive: true})
  await chmod(directory, 0o750)
}

/** Replaces each file at once, so that HAProxy never reads half of one. */
export async function writeFiles(directory: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name)
    await writeFile(`${path}.new`, text)
    // Whatever the umask: HAProxy reads it by our group.
    await chmod(`${path}.new`, 0o640)
    await rename(`${path}.new`, path)
  }
}
