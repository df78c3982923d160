import {RejectedSource} from '../buildpacks/buildpack.js'
import {firstFrom} from './first-from.js'
import type {TarEntry} from './tar-index.js'

/** Symlinks through which a path may lead, as in Linux. */
const mostHops = 40

/** Throws RejectedSource when a symlink, on its own or through others, leads out of the source, or a file is where a folder must be. */
export function withoutEscapes(entries: TarEntry[]): TarEntry[] {
  const byPath = new Map(entries.map(entry => [entry.path, entry]))
  for (const entry of entries)
    if (entry.type === 'symlink' && leadsOut(entry, byPath))
      throw new RejectedSource([`${entry.path}: a symlink to ${entry.link}, which is outside of the app's source.`])
  // From above and not from below: to look for each folder of each deep path would take the square of its length.
  const paths = [...byPath.keys()].sort()
  for (const {path, type} of entries) {
    const below = paths[firstFrom(paths, `${path}/`)]
    if (!below?.startsWith(`${path}/`)) continue
    if (type === 'symlink') throw new RejectedSource([`${below}: lies behind a symlink, which would lead out of its folder.`])
    throw new RejectedSource([`${below}: lies below ${path}, which is a file.`])
  }
  return entries
}

/** Walks the target as Linux would, with `/app` for the root: links in it count, and `..` goes up from where they lead. */
function leadsOut({path, link = ''}: TarEntry, byPath: ReadonlyMap<string, TarEntry>): boolean {
  const at = path.split('/').slice(0, -1)
  const ahead = parts(link)
  for (let hops = 0; ahead.length > 0; ) {
    const next = ahead.shift() as string
    if (next === '/' && !enters(at, ahead)) return true
    if (next === '..' && at.pop() === undefined) return true
    if (next === '..' || next === '/') continue
    at.push(next)
    const through = byPath.get(at.join('/'))
    if (through?.type !== 'symlink') continue
    hops += 1
    // Linux gives up as well: what leads in a circle leads nowhere.
    if (hops > mostHops) return false
    at.pop()
    ahead.unshift(...parts(through.link ?? ''))
  }
  return false
}

/** An absolute target inside /app is where the source will be. */
function enters(at: string[], ahead: string[]): boolean {
  at.length = 0
  return ahead.shift() === 'app' && ahead.length > 0
}

/** `/` first for an absolute path; nothing for `.`. */
function parts(path: string): string[] {
  return [...(path.startsWith('/') ? ['/'] : []), ...path.split('/').filter(part => part !== '' && part !== '.')]
}
