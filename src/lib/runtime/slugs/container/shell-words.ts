/** argv as one line, each word escaped: how Heroku shows the command of an image. */
export function shellLine(words: readonly string[]): string {
  return words.map(escaped).join(' ')
}

function escaped(word: string): string {
  return word === '' ? "''" : word.replace(/[^A-Za-z0-9_\-.,:+/@\n]/g, '\\$&').replace(/\n/g, "'\n'")
}
