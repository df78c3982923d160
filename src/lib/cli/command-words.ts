/** The part of oclif.manifest.json that finding a command takes. */
export type CommandTable = Record<string, {aliases: string[]; hiddenAliases: string[]; relativePath: string[]}>

/**
 * Which command the first words name, and what is left for it: `apps:info -a x`, `apps info -a x`, `info -a x`.
 * The longest name that fits wins, as with oclif. Undefined when none does. Pure.
 */
export function commandWords(args: string[], table: CommandTable): {id: string; argv: string[]} | undefined {
  const end = args.findIndex(word => word.startsWith('-') || word.includes('='))
  const words = end < 0 ? args : args.slice(0, end)
  const longest = words[0]?.includes(':') ? 1 : Math.min(words.length, 5)
  for (let count = longest; count > 0; count -= 1) {
    const id = canonical(words.slice(0, count).join(':'), table)
    if (id !== undefined) return {id, argv: args.slice(count)}
  }
  return undefined
}

function canonical(name: string, table: CommandTable): string | undefined {
  if (Object.hasOwn(table, name)) return name
  return Object.keys(table).find(id => table[id]?.aliases.includes(name) || table[id]?.hiddenAliases.includes(name))
}
