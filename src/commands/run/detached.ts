import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {exitCodes, usageError} from '../../lib/cli/command-error.js'
import {awaitRuntime, followLogs, printLines} from '../../lib/cli/follow-logs.js'
import {colorizeLogLine} from '../../lib/cli/formats/log-line.js'
import {logPaint} from '../../lib/cli/log-paint.js'
import {dynoEnv} from '../../lib/cli/one-off.js'
import {oneOffFlags} from '../../lib/cli/one-off-flags.js'
import {commandLine, splitRunLine} from '../../lib/cli/run-line.js'
import {untilUnwanted} from '../../lib/cli/until-unwanted.js'
import type {Platform} from '../../lib/client/platform.js'

export default class RunDetached extends BaseCommand {
  static override description = 'run a detached dyno, where output is sent to your logs'
  static override usage = 'run:detached [FLAGS] [--] COMMAND...'
  static override examples = ['<%= config.bin %> run:detached --app demo npm run import']
  static override strict = false
  static override flags = {...oneOffFlags, tail: boolean({char: 't', description: 'stream the logs of the dyno until it ends'})}

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
    if (flags.tail) return this.follow(platform, app, dyno.name)
    this.ui.log(`Run ${this.ui.out.command(`hokku logs --app ${app} --dyno ${dyno.name}`)} to view the output.`)
  }

  private async follow(platform: Platform, app: string, dyno: string): Promise<void> {
    const {stdout} = this.ui.options
    const paint = await logPaint(stdout, this.env, {forced: false})
    using unwanted = untilUnwanted(stdout)
    const ended = new AbortController()
    await followLogs({
      platform,
      app,
      request: {lines: 1500, tail: true, dyno},
      signal: AbortSignal.any([unwanted.signal, ended.signal]),
      async print(lines) {
        await printLines(stdout, paint === undefined ? lines : lines.map(line => colorizeLogLine(line, paint)), unwanted.signal)
        // The last that a one-off dyno is heard of.
        if (lines.some(line => / heroku\[[^\]]+\]: State changed from \w+ to complete$/.test(line))) ended.abort()
      },
      reconnect: () => awaitRuntime(this.env, {signal: unwanted.signal, patience: 15_000, start: () => this.connect()}),
    })
    if (unwanted.by() === 'interrupt') this.exit(exitCodes.interrupted)
  }
}
