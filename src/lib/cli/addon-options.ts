import {usageError} from './command-error.js'

/** Options for an add-on service, as typed after `--`: `--version=7`, `--version 7`, `--fast`. */
export function parseAddonOptions(words: readonly string[]): Record<string, string> {
  const options: Record<string, string> = {}
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as string
    const [, key, , value] = /^--([^=]+)(=([\s\S]*))?$/.exec(word) ?? []
    if (key === undefined) throw usageError(`Unexpected argument ${word}: options for the add-on service look like --key=value.`)
    const next = words[at + 1]
    if (value !== undefined) options[key] = value
    else if (next !== undefined && !next.startsWith('--')) {
      options[key] = next
      at += 1
    } else options[key] = 'true'
  }
  return options
}
