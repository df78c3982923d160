import type {Platform} from '../client/platform.js'
import type {Dyno} from '../schema/resources.js'
import {attachTerminal, terminalSize, wantsTty} from './attach-terminal.js'
import {CommandError, usageError} from './command-error.js'
import {parseEnvFlag} from './run-line.js'
import type {Ui} from './ui.js'

export interface OneOffRun {
  app: string
  command: string
  noTty: boolean
  /** Of --env. */
  env: string | undefined
  /** Whether a non-zero exit code is told beside being ours. */
  tellExitCode: boolean
  start(env: Record<string, string>, tty: boolean): Promise<Dyno>
}

/** Starts a dyno, joins it to this terminal, and answers its exit code. */
export async function runAttached(ui: Ui, platform: Platform, run: OneOffRun): Promise<number> {
  const {options} = ui
  const tty = !run.noTty && wantsTty(options)
  const env = dynoEnv(ui, run.env, tty)
  const session = await ui.action(
    `Running ${ui.err.command(run.command)} on ${ui.err.app(run.app)}`,
    async () => {
      const dyno = await run.start(env, tty)
      return {dyno, far: await platform.dynos.attach(dyno)}
    },
    ({dyno}) => `up, ${dyno.name}`,
  )
  const code = await attachTerminal(session.far, options, {tty})
  if (code !== 0 && run.tellExitCode) throw new CommandError(`Process exited with code ${code}`, {id: 'process_exited', exit: code})
  return code
}

/** `--env` and what tells the dyno about our terminal, as Heroku's CLI sends it. */
export function dynoEnv(ui: Ui, flag: string | undefined, tty: boolean): Record<string, string> {
  const given = parseEnvFlag(flag ?? '')
  if (given === undefined) throw usageError(`--env ${flag}: expected NAME=value, several parted by ';'`)
  const term = ui.options.env['TERM']
  const size = tty ? terminalSize(ui.options) : undefined
  return {
    ...given,
    ...(term === undefined ? {} : {TERM: term}),
    ...(size === undefined ? {} : {COLUMNS: String(size.columns), LINES: String(size.rows)}),
  }
}
