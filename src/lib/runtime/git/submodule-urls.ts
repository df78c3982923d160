/** Where a top-level submodule's relative URL begins: beside the app's own repository, where the other apps' are (`../lib.git`). */
export const besideUs = 'hokku://apps/this.git'

/** Where a submodule is fetched from: a URL for git, with its credentials apart, or another app's repository by name. */
export type SubmodulePlace = {url: string; credentials: string | undefined} | {app: string}

/** A URL of .gitmodules as git resolves it: what begins with `./` or `../` is relative to the repository that names it. */
export function resolveUrl(url: string, base: string): string {
  if (!/^\.\.?\//.test(url)) return url
  let above = base.replace(/\/$/, '')
  let rest = url
  for (; /^\.\.?\//.test(rest); rest = rest.replace(/^\.\.?\/+/, '')) if (rest.startsWith('../')) above = above.replace(/\/?[^/]*$/, '')
  return `${above}/${rest}`.replace(/\/$/, '')
}

/**
 * Undefined for what is not fetched: protocols that run programs or read this host's files (`ext::`, `file:`, paths, `ssh:`, for which a
 * push has no key), and what is no URL.
 */
export function placeOf(written: string, base: string): SubmodulePlace | undefined {
  const resolved = resolveUrl(written, base)
  if (/[\0-\x20\x7f]/.test(resolved)) return undefined
  const app = /^hokku:\/\/apps\/([a-z][a-z0-9-]*)(?:\.git)?$/.exec(resolved)?.[1]
  // Only by a relative URL: nobody may write this scheme.
  if (app !== undefined) return written === resolved ? undefined : {app}
  if (!/^(https?|git):\/\/[^/]/.test(resolved) || !URL.canParse(resolved)) return undefined
  const [, scheme = '', credentials, rest = ''] = /^(\w+:\/\/)(?:([^@/]*)@)?(.*)$/.exec(resolved) ?? []
  return {url: `${scheme}${rest}`, credentials}
}

/** Text of others for a terminal: no credentials of URLs, no control characters. */
export function printable(text: string): string {
  return text.replace(/(\w+:\/\/)[^@/\s'"]*@/g, '$1').replace(/[\0-\x1f\x7f-\x9f]/g, '?')
}
