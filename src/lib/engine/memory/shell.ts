import type {MemoryProcess, Program} from './process.js'

/** Ends the script. */
class Exit extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`)
  }
}

/**
 * What a container runs when a test gives no program: its command read as a small shell script. An unknown command
 * is a server: it listens on $PORT when there is one, and runs until it is told to end.
 */
export const shell: Program = process => interpret(process, server)

/** The same for `exec`, where an unknown command is an error, for nobody would end it. */
export const execShell: Program = process =>
  interpret(process, (program, [name]) => {
    program.print('stderr', `sh: 1: ${name}: not found\n`)
    return 127
  })

async function interpret(process: MemoryProcess, unknown: Command): Promise<number> {
  try {
    return await script(process, scriptOf(process.argv), unknown)
  } catch (error) {
    if (error instanceof Exit) return error.code
    throw error
  }
}

/** `sh -c SCRIPT` in any wrapping is the script; any other argv is one command with its words quoted. */
function scriptOf(argv: string[]): string {
  const flag = argv.findIndex(word => /^-l?c$/.test(word))
  if (flag !== -1) return argv[flag + 1] ?? ''
  if (argv[0]?.endsWith('/dyno-launch')) return argv.at(-1) ?? ''
  if (argv[0]?.endsWith('/dyno-init')) return scriptOf(argv.slice(1))
  return argv.map(word => (/[\s;&'"$>]/.test(word) ? `'${word}'` : word)).join(' ')
}

async function script(process: MemoryProcess, text: string, unknown: Command): Promise<number> {
  let last = 0
  for (const {words, target, before} of statements(text)) {
    if ((before === '&&' && last !== 0) || (before === '||' && last === 0)) continue
    const argv = words.map(word =>
      word.replace(/\0(\w+|\?)/g, (_all, name: string) => (name === '?' ? String(last) : (process.env[name] ?? ''))),
    )
    last = await run(process, argv, target, unknown)
  }
  return last
}

async function run(process: MemoryProcess, argv: string[], target: string | undefined, unknown: Command): Promise<number> {
  const [name = '', ...args] = argv[0] === 'exec' ? argv.slice(1) : argv
  let written = ''
  const print = (text: string) => {
    if (target === undefined) process.print('stdout', text)
    else if (target === '&2') process.print('stderr', text)
    else written += text
  }
  const command = commands[name]
  const code = command === undefined ? await unknown(process, [name, ...args], print) : await command(process, args, print)
  if (target !== undefined && target !== '&2' && target !== '/dev/null') process.around.writeFile(target, written)
  return code
}

type Command = (process: MemoryProcess, args: string[], print: (text: string) => void) => Promise<number> | number

const commands: Record<string, Command> = {
  true: () => 0,
  ':': () => 0,
  false: () => 1,
  exit: (_process, [code = '0']) => {
    throw new Exit(Number(code))
  },
  echo: (_process, args, print) => {
    print(`${args.join(' ')}\n`)
    return 0
  },
  printf: (_process, [format = ''], print) => {
    print(format.replaceAll('\\n', '\n'))
    return 0
  },
  seq: (_process, args, print) => {
    const [first, last] = args.length > 1 ? [Number(args[0]), Number(args[1])] : [1, Number(args[0])]
    const lines: string[] = []
    for (let at = first; at <= last; at++) lines.push(`${at}\n`)
    print(lines.join(''))
    return 0
  },
  sleep: async (process, [seconds = '0']) => {
    if (seconds === 'infinity') return process.forever()
    await process.sleep(Number(seconds) * 1000)
    return 0
  },
  printenv: (process, [name = ''], print) => {
    const value = process.env[name]
    if (value === undefined) return 1
    print(`${value}\n`)
    return 0
  },
  env: (process, _args, print) => {
    print(
      Object.entries(process.env)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    )
    return 0
  },
  cat: async (process, [path], print) => {
    if (path === undefined) {
      for await (const data of process.stdin) print(String(data))
      return 0
    }
    const content = process.around.readFile(path)
    if (content === undefined) process.print('stderr', `cat: ${path}: No such file or directory\n`)
    else print(content)
    return content === undefined ? 1 : 0
  },
  read: async (process, [name = 'REPLY']) => {
    const line = await lineOf(process)
    if (line !== undefined) process.env[name] = line
    return line === undefined ? 1 : 0
  },
  stty: (process, _args, print) => {
    if (process.tty === undefined) return 1
    print(`${process.tty.rows} ${process.tty.columns}\n`)
    return 0
  },
  trap: (process, [action = '', ...signals]) => {
    const exit = /^exit (\d+)$/.exec(action)?.[1]
    for (const signal of signals) process.trap(`SIG${signal}`, exit === undefined ? 'ignore' : () => Number(exit))
    return 0
  },
  getent: (process, [, name = ''], print) => {
    const address = process.around.resolve(name)
    if (address === undefined) return 2
    print(`${address} ${name}\n`)
    return 0
  },
  /** `listen PORT`: accepts connections until told to end. */
  listen: (process, [port = process.env['PORT'] ?? '']) => {
    process.around.listen(Number(port))
    return process.forever()
  },
  /** `reach ADDRESS PORT`: whether a connection is accepted. */
  reach: (process, [address = '', port = '']) => (process.around.reaches(address, Number(port)) ? 0 : 1),
}

const server: Command = process => {
  const port = Number(process.env['PORT'])
  if (Number.isInteger(port)) process.around.listen(port)
  return process.forever()
}

async function lineOf({stdin, gone}: MemoryProcess): Promise<string | undefined> {
  let line = ''
  for (;;) {
    const byte = stdin.read(1) as Buffer | null
    if (byte === null) {
      if (stdin.readableEnded || stdin.writableFinished || gone.aborted) return undefined
      await new Promise<void>(resolve => {
        for (const event of ['readable', 'end', 'close']) stdin.once(event, () => resolve())
        gone.addEventListener('abort', () => resolve(), {once: true})
      })
    } else if (byte[0] === 10 || byte[0] === 13) return line
    else line += byte.toString('latin1')
  }
}

interface Statement {
  words: string[]
  /** After `>`: a path, `&2` or nothing. */
  target: string | undefined
  /** What stood before it. */
  before: string
}

const token = /\s*(;|&&|\|\||\n|>&2|>|(?:'[^']*'|"[^"]*"|[^\s;&|>'"])+)/y

/** Words, quotes, `$NAME`, `;`, `&&`, `||` and `>`; a variable becomes a NUL and its name until the statement runs. */
function statements(text: string): Statement[] {
  const all: Statement[] = [{words: [], target: undefined, before: ';'}]
  let expectsTarget = false
  for (const part of tokens(text)) {
    const current = all.at(-1)!
    if (part === ';' || part === '&&' || part === '||' || part === '\n') all.push({words: [], target: undefined, before: part})
    else if (part === '>&2') current.target = '&2'
    else if (part === '>') expectsTarget = true
    else if (expectsTarget) {
      current.target = unquoted(part)
      expectsTarget = false
    } else current.words.push(unquoted(part))
  }
  return all.filter(({words}) => words.length > 0)
}

function* tokens(text: string): Generator<string> {
  token.lastIndex = 0
  let at = 0
  while (at < text.length) {
    token.lastIndex = at
    const part = token.exec(text)?.[1]
    if (part === undefined) return
    at = token.lastIndex
    yield part
  }
}

function unquoted(word: string): string {
  return word.replace(/'([^']*)'|"([^"]*)"|([^'"]+)/g, (_all, single?: string, double?: string, bare?: string) => {
    if (single !== undefined) return single
    return (double ?? bare ?? '').replace(/\$\{?(\w+|\?)\}?/g, '\0$1')
  })
}
