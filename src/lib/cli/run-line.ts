/** The words of `run …` taken apart: our own flags, and the command that goes to the dyno. */
export interface RunLine {
  own: string[]
  command: string[]
}

const takesValue = new Set(['-a', '--app', '-r', '--remote', '-e', '--env', '-s', '--size', '--type', '-d', '--dyno'])
const guarded = /^(run(:detached|:inside)?|(ps|dyno):exec)$/
const namesApp = /^(-a|--app)(=|$)/

/**
 * Our flags stand before the first word of the command; what follows, flags too, belongs to the command. `words` names
 * how many plain words come first and are ours (run:inside has the dyno's name). As on Heroku, `--app NAME` may also end the
 * line, unless an app was named before or `--` came first.
 */
export function splitRunLine(argv: readonly string[], words = 0): RunLine {
  const own: string[] = []
  let plain = words
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] as string
    if (word === '--') return {own, command: argv.slice(at + 1)}
    const isFlag = word.startsWith('-') && word !== '-'
    if (!isFlag && plain === 0) return trailingApp(own, argv.slice(at))
    own.push(word)
    if (!isFlag) plain -= 1
    else if (takesValue.has(word) && at + 1 < argv.length) {
      at += 1
      own.push(argv[at] as string)
    }
  }
  return {own, command: []}
}

/** The program's arguments with `--` before the command of a one-off dyno: `run node --help` asks node, not us. Others stay as they are. */
export function guardRunLine(args: readonly string[]): string[] {
  const count = [2, 1].find(words => guarded.test(args.slice(0, words).join(':'))) ?? 0
  const spoken = args.slice(0, count)
  const own = count === 0 ? undefined : splitRunLine(args.slice(count), spoken.at(-1)?.endsWith('inside') ? 1 : 0)
  if (own === undefined || own.command.length === 0) return [...args]
  return [...spoken, ...own.own, '--', ...own.command]
}

/** One word is a line for the dyno's shell as it stands; of several, each arrives there as the word it is here. */
export function commandLine(words: readonly string[]): string {
  return words.length === 1 ? (words[0] as string) : words.map(shellWord).join(' ')
}

/** `A=1;B=2` as an object. Undefined for what is not `NAME=value`. */
export function parseEnvFlag(text: string): Record<string, string> | undefined {
  const pairs = text
    .split(';')
    .filter(part => part.trim() !== '')
    .map(part => /^\s*([A-Za-z_]\w*)\s*=([\s\S]*)$/.exec(part))
  if (pairs.some(pair => pair === null)) return undefined
  return Object.fromEntries(pairs.map(pair => [pair?.[1], pair?.[2]?.trim()]))
}

function trailingApp(own: string[], command: readonly string[]): RunLine {
  if (own.some(word => namesApp.test(word))) return {own, command: [...command]}
  const [flag, name] = command.slice(-2)
  if (command.length > 2 && (flag === '-a' || flag === '--app') && isAppName(name))
    return {own: [...own, '--app', name], command: command.slice(0, -2)}
  if (command.length > 1 && name?.startsWith('--app=') && isAppName(name.slice(6)))
    return {own: [...own, name], command: command.slice(0, -1)}
  return {own, command: [...command]}
}

function isAppName(word: string | undefined): word is string {
  return word !== undefined && /^[a-z][a-z0-9-]{1,28}[a-z0-9]$/.test(word)
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
