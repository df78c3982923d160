import {copyFile, link, lstat, mkdir, readdir, readlink, rm, symlink} from 'node:fs/promises'
import {basename, join} from 'node:path'
import type {Home} from '../../schema/home.js'

/** A file, folder or link of the home. */
export interface HomeFile {
  path: string
  /** As in the home: `logs/…`. */
  name: string
}

/** What is this machine's, can be had again, or goes another way: the store, which is being written, and what is under way. */
const leftOut = /^(cache|router|run|restore|runtime\..*|hokku\.sqlite.*|backup-.*)$/

/**
 * What is kept of a home besides the store: files that are written once, or only grow at their end, so that each may be read while others
 * write. `aside`: a folder of this run's own, on the same disk; a repository is linked there as it is at one moment before it is read.
 */
export async function* homeFiles(home: Home, aside: string): AsyncGenerator<HomeFile> {
  const git = basename(home.git)
  for (const name of await entries(home.root))
    if (!leftOut.test(name) && name !== git) yield* filesBelow({path: join(home.root, name), name})
  yield {path: home.git, name: git}
  for (const name of await entries(home.git)) {
    const repository = {path: join(aside, name), name: `${git}/${name}`}
    await linkRepository(join(home.git, name), repository.path)
    yield* filesBelow(repository)
    await rm(repository.path, {recursive: true, force: true})
  }
}

async function* filesBelow(top: HomeFile): AsyncGenerator<HomeFile> {
  const found = await lstat(top.path).catch(() => undefined)
  if (found === undefined) return
  yield top
  if (!found.isDirectory()) return
  for (const name of await entries(top.path)) yield* filesBelow({path: join(top.path, name), name: `${top.name}/${name}`})
}

async function entries(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(() => [])).sort()
}

/** Another try when git has just packed what was being linked. */
async function linkRepository(from: string, to: string, tries = 10): Promise<void> {
  try {
    await linkTree(from, to)
  } catch (error) {
    await rm(to, {recursive: true, force: true})
    const gone = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (!gone || tries === 0) throw error
    // An app that is being destroyed.
    if ((await lstat(from).catch(() => undefined)) !== undefined) await linkRepository(from, to, tries - 1)
  }
}

/**
 * In the order in which git moves things, so that whatever a ref names is found: loose refs before packed ones, refs before objects, loose
 * objects before packs. Objects of pushes that are under way belong to nobody yet.
 */
const rank = (name: string): number => ['refs', 'packed-refs', 'objects', 'pack'].indexOf(name)
const underWay = /^(tmp_objdir-)?incoming-|\.lock$|^tmp_/

async function linkTree(from: string, to: string): Promise<void> {
  const found = await lstat(from)
  if (found.isSymbolicLink()) await symlink(await readlink(from), to)
  else if (found.isDirectory()) {
    await mkdir(to, {recursive: true, mode: 0o700})
    const names = (await readdir(from)).filter(name => !underWay.test(name))
    for (const name of names.sort((one, other) => rank(one) - rank(other))) await linkTree(join(from, name), join(to, name))
  } else await link(from, to).catch(error => (error.code === 'ENOENT' ? Promise.reject(error) : copyFile(from, to)))
}
