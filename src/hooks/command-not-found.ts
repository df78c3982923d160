import {ExitError} from '@oclif/core/errors'
import type {Hook} from '@oclif/core/hooks'
import {exitCodes} from '../lib/cli/command-error.js'
import {nearest} from '../lib/cli/nearest.js'
import {Ui} from '../lib/cli/ui.js'

/** `hokku confg` → `confg is not a hokku command. Did you mean config?`, exit 127. */
const hook: Hook.CommandNotFound = async ({id, argv, config}) => {
  const known = config.commands.filter(command => !command.hidden).flatMap(command => [command.id, ...command.aliases])
  const meant = nearest(id, known)
  const json = [id, ...(argv ?? [])].includes('--json')
  const ui = await Ui.create({stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: process.env, json})
  const advice = meant === undefined ? '' : ` Did you mean ${meant}?`
  ui.fail({
    exit: exitCodes.commandNotFound,
    id: 'command_not_found',
    message: `${id} is not a ${config.bin} command.${advice}\nRun ${config.bin} help for a list of available commands.`,
    showId: false,
    suggestions: [],
  })
  throw new ExitError(exitCodes.commandNotFound)
}

export default hook
