import {BaseCommand} from '../../lib/cli/base-command.js'
import {usageError} from '../../lib/cli/command-error.js'
import {appFlags} from '../../lib/cli/flags.js'
import {runAttached} from '../../lib/cli/one-off.js'
import {exitCodeFlags, noTtyFlags} from '../../lib/cli/one-off-flags.js'
import {commandLine, splitRunLine} from '../../lib/cli/run-line.js'

export default class RunInside extends BaseCommand {
  static override description = 'run a command inside an existing dyno'
  static override usage = 'run:inside [FLAGS] DYNO_NAME [--] COMMAND...'
  static override examples = [
    '<%= config.bin %> run:inside --app demo web.1 bash',
    '<%= config.bin %> run:inside --app demo web.1 -- ps -ef',
  ]
  static override strict = false
  static override flags = {...appFlags, ...exitCodeFlags, ...noTtyFlags}

  async run(): Promise<void> {
    const line = splitRunLine(this.argv, 1)
    const {flags, argv} = await this.parse(RunInside, line.own)
    const [dyno] = argv as string[]
    if (dyno === undefined || line.command.length === 0)
      throw usageError('Usage: hokku run:inside DYNO_NAME COMMAND\n\nExample: hokku run:inside web.1 bash')
    const {platform, app} = await this.target(flags)
    const command = commandLine(line.command)
    const code = await runAttached(this.ui, platform, {
      app,
      command,
      noTty: flags['no-tty'],
      env: undefined,
      tellExitCode: flags['exit-code'],
      start: (env, tty) => platform.dynos.runInside(app, dyno, {command, env, ...(tty ? {} : {force_no_tty: true})}),
    })
    if (code !== 0) this.exit(code)
  }
}
