import {homedir} from 'node:os'
import {isAbsolute, join} from 'node:path'

/** Where a third-party buildpack comes from. */
export type BuildpackAddress =
  | {kind: 'git'; url: string; ref: string | undefined}
  | {kind: 'tarball'; url: string}
  | {kind: 'folder'; path: string}
  | {kind: 'inline'}

/** Heroku's registry keeps a tarball of each published buildpack under its name. */
const published = (name: string): string => `https://buildpack-registry.s3.amazonaws.com/buildpacks/${name}.tgz`

/**
 * The address of a name or URL: git (`#ref` chooses what to take), a tarball, a folder of this machine, `namespace/name` of Heroku's
 * registry. Undefined when it is none of them. `heroku/…` names that are not ours are not looked for elsewhere.
 */
export function buildpackAddress(name: string): BuildpackAddress | undefined {
  if (!/^[\x21-\x7e]+$/.test(name)) return undefined
  if (/^(heroku-community\/)?inline$/.test(name)) return {kind: 'inline'}
  if (name.startsWith('file://')) return local(name)
  if (isAbsolute(name)) return {kind: 'folder', path: name}
  if (name.startsWith('~/')) return {kind: 'folder', path: join(homedir(), name.slice(2))}
  if (/^https?:\/\/\S+\.(tgz|tar\.gz|tar)(\?.*)?$/.test(name)) return {kind: 'tarball', url: name}
  if (/^(https?|ssh|git):\/\/[^/-]\S*$/.test(name) || /^[\w.-]+@[\w.-]+:[^-]\S*$/.test(name)) return git(name)
  if (/^[a-z0-9][\w-]*\/[\w-]+$/i.test(name) && !name.startsWith('heroku/')) return {kind: 'tarball', url: published(name)}
  return undefined
}

/** A folder of this machine is named for what it holds; a repository by its `.git`. */
function local(name: string): BuildpackAddress | undefined {
  if (/\.git(#.*)?$/.test(name)) return git(name)
  try {
    return {kind: 'folder', path: decodeURIComponent(new URL(name).pathname)}
  } catch {
    return undefined
  }
}

function git(name: string): BuildpackAddress | undefined {
  const [url = '', ref] = name.split('#', 2)
  // A ref that begins with a dash would be an option of git's.
  if (ref?.startsWith('-')) return undefined
  return {kind: 'git', url, ref: ref === '' ? undefined : ref}
}
