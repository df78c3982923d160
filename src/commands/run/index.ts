import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {usageError} from '../../lib/cli/command-error.js'
import {runAttached} from '../../lib/cli/one-off.js'
import {exitCodeFlags, noTtyFlags, oneOffFlags} from '../../lib/cli/one-off-flags.js'
import {commandLine, splitRunLine} from '../../lib/cli/run-line.js'

export default class Run extends BaseCommand {
  static override description = `run a one-off process inside a dyno
Flags stand before the command; what follows its first word belongs to it. The exit code is the command's.`
  static override usage = 'run [FLAGS] [--] COMMAND...'
  static override examples = [
    '<%= config.bin %> run --app demo bash',
    '<%= config.bin %> run --app demo --size standard-2x -- npm run migrate --verbose',
    `<%= config.bin %> run --app demo 'echo "$HOME" && ls'`,
  ]
  static override strict = false
  static override flags = {
    ...oneOffFlags,
    ...exitCodeFlags,
    ...noTtyFlags,
    'no-notify': boolean({hidden: true, description: 'disables notification when dyno is up'}),
  }

  async run(): Promise<void> {
    const line = splitRunLine(this.argv)
    const {flags} = await this.parse(Run, line.own)
    if (line.command.length === 0) throw usageError('Usage: hokku run COMMAND\n\nExample: hokku run bash')
    const {platform, app} = await this.target(flags)
    const command = commandLine(line.command)
    const {size, type} = flags
    const code = await runAttached(this.ui, platform, {
      app,
      command,
      noTty: flags['no-tty'],
      env: flags.env,
      tellExitCode: flags['exit-code'],
      start: (env, tty) =>
        platform.dynos.create(app, {
          attach: true,
          command,
          env,
          ...(size === undefined ? {} : {size}),
          ...(type === undefined ? {} : {type}),
          ...(tty ? {} : {force_no_tty: true}),
        }),
    })
    if (code !== 0) this.exit(code)
  }
}
