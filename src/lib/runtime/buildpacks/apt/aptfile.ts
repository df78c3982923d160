import {RejectedSource} from '../buildpack.js'

export interface Aptfile {
  packages: string[]
  /** URLs of .deb files. */
  files: string[]
  /** `deb http://… trixie main` lines. */
  sources: string[]
}

const packageName = /^[a-z0-9][a-z0-9+.-]*(:[a-z0-9]+)?([=/][\w.+:~-]+)?$/
const debFile = /^https?:\/\/[\w.~:/?#[\]@!$&()*+,;=%-]+\.deb$/
const sourceLine = /^deb(-src)? (\[[\w=,./ -]+\] )?https?:\/\/\S+ [\w./ -]+$/

/** An Aptfile: a package, a URL or `:repo:SOURCE` a line, `#` comments. Its words go to a shell: what is none of these is refused. */
export function parseAptfile(text: string): Aptfile {
  const found: Aptfile = {packages: [], files: [], sources: []}
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/(^|\s)#[\s\S]*$/, '').trim()
    if (line === '') continue
    if (line.startsWith(':repo:')) found.sources.push(accepted(line.slice(6).trim(), sourceLine, index))
    else if (/^https?:/.test(line)) found.files.push(accepted(line, debFile, index))
    else for (const word of line.split(/\s+/)) found.packages.push(accepted(word, packageName, index))
  }
  return found
}

function accepted(word: string, pattern: RegExp, index: number): string {
  if (pattern.test(word) && !/['"`\\]/.test(word)) return word
  throw new RejectedSource([
    `Aptfile:${index + 1}: ${word} is no package, no URL of a .deb file and no source.`,
    'Write a package per line (libfoo-dev), a URL that ends with .deb, or :repo:deb http://… suite component.',
  ])
}
