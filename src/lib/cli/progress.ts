import type {Output} from './palette.js'

/** One thing under way at a time, told on stderr. */
export interface Progress {
  start(title: string): void
  /** How far it is, where somebody watches: `[====    ] 45% 12 MB`. */
  update(how: string): void
  /** `done, v5`, `!` … */
  stop(status: string): void
  /** A line of its own, which must not tear what is under way. */
  line(text: string): void
}

export type ProgressKind = 'tty' | 'plain' | 'quiet'

/** A spinner only where somebody watches. */
export function progressKind(output: Output, env: NodeJS.ProcessEnv, json: boolean): ProgressKind {
  if (json) return 'quiet'
  return output.isTTY && !env['CI'] && env['TERM'] !== 'dumb' ? 'tty' : 'plain'
}

export function progressOn(stderr: NodeJS.WritableStream, kind: ProgressKind): Progress {
  const write = (text: string): void => void stderr.write(text)
  if (kind === 'quiet') return {start: () => undefined, update: () => undefined, stop: () => undefined, line: text => write(`${text}\n`)}
  return kind === 'plain' ? plainProgress(write) : spinningProgress(stderr)
}

function plainProgress(write: (text: string) => void): Progress {
  let title: string | undefined
  let torn = false
  return {
    start: next => {
      title = next
      torn = false
      write(`${next}...`)
    },
    update: () => undefined,
    stop: status => {
      if (title !== undefined) write(torn ? `${title}... ${status}\n` : ` ${status}\n`)
      title = undefined
    },
    line: text => {
      write(title !== undefined && !torn ? `\n${text}\n` : `${text}\n`)
      torn = true
    },
  }
}

/** What is under way is written at once; the spinner follows when ora is there, unless it is over by then. */
function spinningProgress(stderr: NodeJS.WritableStream): Progress {
  let title: string | undefined
  let spinner: {stop(): unknown; start(): unknown; text: string} | undefined
  const clear = (): void => {
    spinner?.stop()
    stderr.write('\r\u001b[K')
  }
  return {
    start: next => {
      title = next
      stderr.write(`${next}...`)
      void import('ora').then(({default: ora}) => {
        if (title !== next) return
        clear()
        spinner = ora({text: `${next}...`, stream: stderr, discardStdin: false}).start()
      })
    },
    update: how => {
      if (spinner !== undefined && title !== undefined) spinner.text = `${title}... ${how}`
    },
    stop: status => {
      if (title === undefined) return
      clear()
      stderr.write(`${title}... ${status}\n`)
      title = undefined
      spinner = undefined
    },
    line: text => {
      if (title === undefined) return void stderr.write(`${text}\n`)
      clear()
      stderr.write(`${text}\n`)
      spinner ? spinner.start() : stderr.write(`${title}...`)
    },
  }
}
