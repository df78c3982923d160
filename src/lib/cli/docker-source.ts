import type {Dirent} from 'node:fs'
import {readdir, readFile} from 'node:fs/promises'
import {join, relative, resolve, sep} from 'node:path'
import {CommandError} from './command-error.js'

interface SourceFile {
  /** Relative, with slashes. */
  path: string
  entry: Dirent
}

/** A Dockerfile to build for a process type; paths are below the root that is sent, with slashes. */
export interface DockerJob {
  type: string
  dockerfile: string
  /** Empty: the root. */
  context: string
}

export interface DockerSource {
  root: string
  jobs: DockerJob[]
}

/** Which Dockerfile is whose: `Dockerfile` (or `Dockerfile.web`) here, or with `recursive` every `Dockerfile.TYPE` here and below. */
export async function findDockerfiles(directory: string, types: string[], recursive: boolean): Promise<{type: string; path: string}[]> {
  if (!recursive) {
    const here = await readdir(directory)
    const names = types.flatMap(type =>
      ['Dockerfile', `Dockerfile.${type}`]
        .filter(name => here.includes(name))
        .slice(0, 1)
        .map(path => ({type, path})),
    )
    return names
  }
  const found: {type: string; path: string}[] = []
  await walk(
    directory,
    '',
    entry => entry !== 'node_modules' && entry !== '.git',
    ({path, entry}) => {
      const type = /^Dockerfile\.(\w+)$/.exec(entry.name)?.[1]
      if (type !== undefined && (types.length === 0 || types.includes(type))) found.push({type, path})
    },
  )
  for (const type of new Set(found.map(one => one.type))) {
    const several = found.filter(one => one.type === type)
    if (several.length > 1)
      throw new CommandError(
        `Found multiple Dockerfiles with process type ${type}: ${several.map(({path}) => path).join(', ')}. Run the command in the folder of one of them.`,
      )
  }
  return found.sort((a, b) => (a.type < b.type ? -1 : 1))
}

/** What must be sent so that these Dockerfiles can be built, each in its own folder or all in `contextPath`. */
export function dockerSource(
  directory: string,
  dockerfiles: {type: string; path: string}[],
  contextPath: string | undefined,
): DockerSource {
  const context = contextPath === undefined ? undefined : resolve(directory, contextPath)
  const root = context !== undefined && below(directory, context) === undefined ? context : directory
  const jobs = dockerfiles.map(({type, path}) => {
    const dockerfile = below(root, resolve(directory, path))
    if (dockerfile === undefined) throw new CommandError(`${resolve(directory, path)} is not in ${root}, the context of its build.`)
    const folder = dockerfile.includes('/') ? dockerfile.slice(0, dockerfile.lastIndexOf('/')) : ''
    return {type, dockerfile, context: context === undefined ? folder : (below(root, context) ?? '')}
  })
  return {root, jobs}
}

/** Paths of the contexts' files without what their .dockerignore names, whatever git thinks of them, and the Dockerfiles. */
export async function dockerFiles({root, jobs}: DockerSource): Promise<string[]> {
  const found = new Map<string, SourceFile>()
  for (const {dockerfile, context} of jobs) {
    const ignored = await ignoring(root, context, dockerfile)
    const needed = new Set([dockerfile, `${dockerfile}.dockerignore`, context === '' ? '.dockerignore' : `${context}/.dockerignore`])
    const inside = (path: string): string => (context === '' ? path : path.slice(context.length + 1))
    const keep = (name: string, path: string): boolean => name !== '.git' && !ignored.folder(inside(path))
    await walk(root, context, keep, file => {
      if (needed.has(file.path) || !ignored.file(inside(file.path))) found.set(file.path, file)
    })
    for (const path of needed) await addOne(found, root, path)
  }
  return [...found.keys()].sort()
}

interface Ignored {
  file(path: string): boolean
  folder(path: string): boolean
}

async function ignoring(root: string, context: string, dockerfile: string): Promise<Ignored> {
  const read = (path: string) => readFile(join(root, path), 'utf8').catch(() => undefined)
  const rules = (await read(`${dockerfile}.dockerignore`)) ?? (await read(context === '' ? '.dockerignore' : `${context}/.dockerignore`))
  if (rules === undefined) return {file: () => false, folder: () => false}
  const {default: loaded} = await import('@balena/dockerignore')
  // Its types describe an ES module, which it is not.
  const dockerignore = loaded as unknown as (options: {ignorecase: boolean}) => {add(rules: string): {ignores(path: string): boolean}}
  const filter = dockerignore({ignorecase: false}).add(rules)
  // What is below an ignored folder may be taken back by an exception.
  const exceptions = /^\s*!/m.test(rules)
  return {file: path => filter.ignores(path), folder: path => !exceptions && filter.ignores(path)}
}

async function addOne(found: Map<string, SourceFile>, root: string, path: string): Promise<void> {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
  const entries = await readdir(join(root, folder), {withFileTypes: true})
  const entry = entries.find(one => one.name === path.slice(folder === '' ? 0 : folder.length + 1))
  if (entry !== undefined) found.set(path, {path, entry})
}

async function walk(
  root: string,
  folder: string,
  enter: (name: string, path: string) => boolean,
  take: (file: SourceFile) => void,
): Promise<void> {
  for (const entry of (await readdir(join(root, folder), {withFileTypes: true})) as Dirent[]) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (enter(entry.name, path)) await walk(root, path, enter, take)
    } else if (entry.isFile() || entry.isSymbolicLink()) take({path, entry})
  }
}

/** The path of something in a folder, with slashes; empty for the folder itself, undefined outside of it. */
function below(folder: string, path: string): string | undefined {
  const found = relative(folder, path)
  return found === '..' || found.startsWith(`..${sep}`) ? undefined : found.split(sep).join('/')
}
