import {usageError} from './command-error.js'

/** `A=1 B="two words"` as config vars: each word split at its first `=`. Throws usage errors that name the word. */
export function parseAssignments(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map(assignment))
}

function assignment(word: string): [string, string] {
  const at = word.indexOf('=')
  if (at < 1) throw usageError(`${word} is invalid. Must be in the format FOO=bar.`)
  return [word.slice(0, at), word.slice(at + 1)]
}
