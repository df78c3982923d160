import {createReadStream} from 'node:fs'
import {lstat, open, readdir, readFile, readlink, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {PassThrough, type Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {createGzip} from 'node:zlib'
import type {Ignore} from 'ignore'
import type {Pack} from 'tar-stream'
import {CommandError} from './command-error.js'
import {gitFiles} from './git-files.js'

/** A gzipped tar of a directory as git would deploy it: without .git and what .gitignore and .slugignore name. */
export async function tarballOf(directory: string): Promise<Readable> {
  return await tarballWith(directory, await sourceFiles(directory))
}

/** A gzipped tar of these files of a directory. */
export async function tarballWith(directory: string, files: string[]): Promise<Readable> {
  if (files.length === 0) throw new CommandError(`There is nothing to deploy in ${directory}.`)
  const {default: tar} = await import('tar-stream')
  const pack = tar.pack()
  const packed = createGzip()
  // A file that cannot be read breaks the upload: both ends of the pipe get the error.
  fill(pack, directory, files).catch(error => pack.destroy(error))
  return piped(pack, packed)
}

/** A tarball that exists: `.tgz` and `.tar.gz` as they are, `.tar` gzipped on the way. */
export async function tarballAt(path: string): Promise<Readable> {
  const file = await open(path)
  const {buffer} = await file.read(Buffer.alloc(2), 0, 2, 0)
  await file.close()
  const gzipped = buffer[0] === 0x1f && buffer[1] === 0x8b
  return gzipped ? createReadStream(path) : piped(createReadStream(path), createGzip())
}

/** Whether a path names a tarball rather than a directory. Throws when there is nothing. */
export async function isTarball(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new CommandError(`There is no ${path}.`, {id: 'file_error'})
  if (found.isDirectory()) return false
  if (!/\.(tar|tar\.gz|tgz)$/.test(path))
    throw new CommandError(
      `${path} is no directory and no .tar, .tar.gz or .tgz file${/\.zip$/.test(path) ? ': unpack the zip and deploy its folder' : ''}.`,
      {id: 'file_error'},
    )
  return true
}

/** Paths of files and symbolic links to deploy, sorted: what git takes, without what .slugignore names. */
export async function sourceFiles(directory: string): Promise<string[]> {
  const [{default: ignore}, slugignore, files] = await Promise.all([
    import('ignore'),
    readFile(join(directory, '.slugignore'), 'utf8').catch(() => ''),
    gitFiles(directory),
  ])
  // Heroku's has no negation.
  const left = ignore({ignorecase: false}).add(slugignore.split(/\r?\n/).filter(line => !line.startsWith('!')))
  return (files ?? (await withoutGit(directory))).filter(path => !left.ignores(path)).sort()
}

/** The same without git: each directory's .gitignore counts for what is below it. */
export async function withoutGit(directory: string): Promise<string[]> {
  const {default: ignore} = await import('ignore')
  const found: string[] = []
  const walk = async (folder: string, above: Scope[]): Promise<void> => {
    const text = await readFile(join(directory, folder, '.gitignore'), 'utf8').catch(() => undefined)
    const scopes = text === undefined ? above : [...above, {folder, rules: ignore({ignorecase: false}).add(text)}]
    for (const entry of await readdir(join(directory, folder), {withFileTypes: true})) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.name === '.git' || isIgnored(entry.isDirectory() ? `${path}/` : path, scopes)) continue
      if (entry.isDirectory()) await walk(path, scopes)
      else if (entry.isFile() || entry.isSymbolicLink()) found.push(path)
    }
  }
  await walk('', [])
  return found
}

interface Scope {
  folder: string
  rules: Ignore
}

/** The nearest .gitignore that says anything decides, as in git. */
function isIgnored(path: string, scopes: Scope[]): boolean {
  let ignored = false
  for (const {folder, rules} of scopes) {
    const verdict = rules.test(folder === '' ? path : path.slice(folder.length + 1))
    if (verdict.ignored) ignored = true
    else if (verdict.unignored) ignored = false
  }
  return ignored
}

async function fill(pack: Pack, directory: string, files: string[]): Promise<void> {
  for (const path of files) {
    const full = join(directory, path)
    const entry = await lstat(full)
    // `./` says where the root is: of an archive whose one folder holds everything, that folder is taken for it.
    const name = `./${path}`
    if (entry.isSymbolicLink()) pack.entry({name, type: 'symlink', linkname: await readlink(full)})
    else {
      const {size, mode, mtime} = entry
      const header = {name, size, mode: mode & 0o777, mtime}
      if (size === 0) pack.entry(header, '')
      // What a file grows by while it is read is left out; one that shrinks cannot be sent.
      else await pipeline(createReadStream(full, {end: size - 1}), pack.entry(header)).catch(changed(path))
    }
  }
  pack.finalize()
}

function changed(path: string): (cause: Error) => never {
  return cause => {
    if (cause.message !== 'Size mismatch') throw cause
    throw new CommandError(`${path} changed while it was read. Try again when nothing writes to it.`, {id: 'file_error'})
  }
}

function piped(from: Readable, to: NodeJS.ReadWriteStream): Readable {
  const out = new PassThrough()
  pipeline(from, to, out).catch(error => out.destroy(error))
  return out
}
