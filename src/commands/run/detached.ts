import {BaseCommand} from '../../lib/cli/base-command.js'
import {usageError} from '../../lib/cli/command-error.js'
import {dynoEnv} from '../../lib/cli/one-off.js'
import {oneOffFlags} from '../../lib/cli/one-off-flags.js'
import {commandLine, splitRunLine} from '../../lib/cli/run-line.js'

export default class RunDetached extends BaseCommand {
  static override description = 'run a detached dyno, where output is sent to your logs'
  static override usage = 'run:detached [FLAGS] [--] COMMAND...'
  static override examples = ['<%= config.bin %> run:detached --app demo npm run import']
  static override strict = false
  static override flags = oneOffFlags

  async run(): Promise<void> {
    const line = splitRunLine(this.argv)
    const {flags} = await this.parse(RunDetached, line.own)
    if (line.command.length === 0) throw usageError('Usage: hokku run:detached COMMAND\n\nExample: hokku run:detached ls')
    const env = dynoEnv(this.ui, flags.env, false)
    const {platform, app} = await this.target(flags)
    const command = commandLine(line.command)
    const {size, type} = flags
    const dyno = await this.ui.action(
      `Running ${this.ui.err.command(command)} on ${this.ui.err.app(app)}`,
      () =>
        platform.dynos.create(app, {
          attach: false,
          command,
          env,
          ...(size === undefined ? {} : {size}),
          ...(type === undefined ? {} : {type}),
        }),
      ({name}) => `done, ${name}`,
    )
    this.ui.log(`Run ${this.ui.out.command(`hokku logs --app ${app} --dyno ${dyno.name}`)} to view the output.`)
  }
}
