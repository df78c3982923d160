/** Exit codes of every command; `run` adds the dyno's own. */
export const exitCodes = {failure: 1, usage: 2, noEngine: 69, bug: 70, tryAgain: 75, commandNotFound: 127, interrupted: 130} as const

/** Something the user can put right: says what happened, to what, and what to do. */
export class CommandError extends Error {
  readonly id: string
  readonly exit: number
  /** Commands or steps that would help, shown as `Try this:`. */
  readonly suggestions: string[]

  constructor(message: string, options: {id?: string; exit?: number; suggestions?: string[]} = {}) {
    super(message)
    this.name = 'CommandError'
    this.id = options.id ?? 'command_failed'
    this.exit = options.exit ?? exitCodes.failure
    this.suggestions = options.suggestions ?? []
  }
}

/** Wrong words on the command line: exit 2. */
export function usageError(message: string): CommandError {
  return new CommandError(message, {id: 'usage', exit: exitCodes.usage})
}
