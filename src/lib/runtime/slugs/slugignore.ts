import ignore from 'ignore'
import type {TarEntry} from './tar-index.js'

/**
 * Applies .slugignore before any buildpack looks: shell globs, `#` comments, no negation; with a slash a pattern starts at the root,
 * without one it matches anywhere.
 */
export function applySlugignore(entries: readonly TarEntry[], slugignore: string | undefined): {kept: TarEntry[]; deleted: number} {
  if (slugignore === undefined) return {kept: [...entries], deleted: 0}
  const patterns = slugignore.split(/\r?\n/).filter(line => !line.startsWith('!'))
  const filter = ignore({ignorecase: false}).add(patterns)
  const kept = entries.filter(entry => !filter.ignores(entry.path))
  return {kept, deleted: entries.length - kept.length}
}
