import {posix} from 'node:path'
import type {Source} from '../buildpack.js'

/** What an install by requirements.txt depends on. */
export interface Requirements {
  /** It and the files that it names, as far as the source has them. */
  files: string[]
  /** Whether something is installed from the source itself: `-e .`, `./libs/x`. */
  local: boolean
  /** Config vars that the files name as `${NAME}`, which pip replaces. */
  vars: string[]
  /** Whether a requirement names that project. */
  names(project: string): boolean
}

/** Reads a requirements file and those it includes, as pip does. */
export async function readRequirements(source: Source, path = 'requirements.txt'): Promise<Requirements> {
  const files = new Set<string>()
  const lines: string[] = []
  const folders = new Set<string>()
  let local = false
  const read = async (file: string): Promise<void> => {
    if (!source.has(file) || files.has(file)) return
    files.add(file)
    const text = (await source.text(file)) ?? ''
    for (const line of logicalLines(text)) {
      lines.push(line)
      const named = included(line)
      const at = named === undefined ? undefined : posix.normalize(posix.join(posix.dirname(file), named))
      if (at !== undefined) await read(at)
      const folder = folderOf(line)
      if (folder !== undefined) folders.add(folder)
      if (isLocal(line)) local = true
    }
  }
  await read(path)
  for (const found of source.paths) if (folders.has(posix.dirname(found))) files.add(found)
  const vars = lines.flatMap(line => [...line.matchAll(/\$\{([A-Z0-9_]+)\}/g)].map(match => match[1] ?? ''))
  return {files: [...files].sort(), local, vars: [...new Set(vars)], names: project => lines.some(line => projectOf(line) === project)}
}

function logicalLines(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map(line => line.replace(/(^|\s)#[\s\S]*$/, '').trim())
    .filter(line => line !== '')
}

/** `-r other.txt`, `--constraint=limits.txt` */
function included(line: string): string | undefined {
  const path = /^(?:-r|-c|--requirement|--constraint)[\s=]*(\S+)$/.exec(line)?.[1]
  return path === undefined || /^[a-z]+:\/\//.test(path) ? undefined : path
}

/** `--find-links ./wheels`: pip looks at that folder only, not at what is below. */
function folderOf(line: string): string | undefined {
  const folder = /^(?:-f|--find-links)[\s=]*(\S+)$/.exec(line)?.[1]
  return folder === undefined || folder.includes('://') ? undefined : posix.normalize(folder).replace(/\/$/, '')
}

function isLocal(line: string): boolean {
  const editable = /^(?:-e|--editable)[\s=]*(.+)$/.exec(line)?.[1]
  const what = (editable ?? line).replace(/^["']|["']$/g, '')
  if (line.startsWith('-') && editable === undefined) return false
  const target = /^[A-Za-z0-9._-]+(?:\[[^\]]*\])?\s*@\s*(.+)$/.exec(what)?.[1] ?? what
  if (/^file:/.test(target)) return true
  if (/^[a-z0-9+]+:\/\/|^(git|hg|svn|bzr)\+|^git@/.test(target)) return false
  return editable !== undefined || /^[./~]|\.(whl|zip|tar\.gz|tgz)$|^[^\s;=<>!~[]+\//.test(target)
}

function projectOf(line: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*/
    .exec(line)?.[0]
    .toLowerCase()
    .replace(/[-_.]+/g, '-')
}
