import type {Source} from './buildpack.js'

/** What lies at the source's root, folders with a slash, as `ls -1A` shows it. */
export function rootNames(source: Source): string[] {
  return [...new Set(source.paths.map(path => path.replace(/\/.*/, '/')))].slice(0, 60)
}
