import type {ProcessTypes} from './resources.js'

export interface Procfile {
  /** Process type → command, in the file's order; the last of two lines with one name wins. */
  processTypes: ProcessTypes
  /** `Procfile:3: …`: lines that Heroku skips without a word. */
  warnings: string[]
}

/** Heroku's classic grammar: the colon is optional, the space after it is not. */
const declaration = /^\s*([a-zA-Z0-9_-]+):?\s+(.*\S)\s*$/
const mergeMarker = /^(<{7}|={7}|>{7}|\|{7})( |$)/

/** Reads a Procfile as Heroku's git push does: line by line, never as YAML. It cannot fail: what does not match is skipped. */
export function parseProcfile(text: string): Procfile {
  const found: [string, string][] = []
  const warnings: string[] = []
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = raw.replace(/\r/g, '')
    const match = declaration.exec(line)
    if (match?.[1] !== undefined && match[2] !== undefined) found.push([match[1], match[2]])
    else if (line.trim() !== '' && !line.trimStart().startsWith('#')) warnings.push(`Procfile:${index + 1}: ${complaint(line)}`)
  }
  return {processTypes: Object.fromEntries(found), warnings: [...warnings, ...repeated(found)]}
}

function complaint(line: string): string {
  if (mergeMarker.test(line)) return 'a merge conflict is left in this file'
  if (/^\s*[a-zA-Z0-9_-]+:\S/.test(line)) return `skipped, there is no space after the colon: ${line.trim()}`
  if (/^\s*[a-zA-Z0-9_-]+:\s*$/.test(line)) return `skipped, there is no command: ${line.trim()}`
  return `skipped, not of the form "type: command": ${line.trim()}`
}

function repeated(found: [string, string][]): string[] {
  const names = found.map(([name]) => name)
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map(
    name => `Procfile: ${name} is declared more than once; the last line counts`,
  )
}
