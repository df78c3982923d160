import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags} from '../../lib/cli/flags.js'
import {runAttached} from '../../lib/cli/one-off.js'
import {exitCodeFlags, noTtyFlags} from '../../lib/cli/one-off-flags.js'
import {commandLine, splitRunLine} from '../../lib/cli/run-line.js'

export default class PsExec extends BaseCommand {
  static override description = `open a shell in a running dyno, or run a command there
It shares the dyno's file system, processes and config vars. Without a command it is bash. The exit code is the command's.`
  static override usage = 'ps:exec [FLAGS] [--] [COMMAND...]'
  static override examples = ['<%= config.bin %> ps:exec --app demo', '<%= config.bin %> ps:exec --app demo --dyno worker.1 -- ps -ef']
  static override aliases = ['dyno:exec']
  static override strict = false
  static override flags = {
    ...appFlags,
    ...exitCodeFlags,
    ...noTtyFlags,
    dyno: string({char: 'd', description: 'the dyno to enter', default: 'web.1'}),
    ssh: boolean({hidden: true, description: 'use native ssh; here nothing needs it'}),
  }

  async run(): Promise<void> {
    const line = splitRunLine(this.argv)
    const {flags} = await this.parse(PsExec, line.own)
    const {platform, app} = await this.target(flags)
    const command = line.command.length === 0 ? 'bash' : commandLine(line.command)
    const code = await runAttached(this.ui, platform, {
      app,
      command,
      noTty: flags['no-tty'],
      env: undefined,
      tellExitCode: flags['exit-code'],
      start: (env, tty) => platform.dynos.runInside(app, flags.dyno, {command, env, ...(tty ? {} : {force_no_tty: true})}),
    })
    if (code !== 0) this.exit(code)
  }
}
