import {boolean, integer} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {followFile} from '../../lib/cli/follow-file.js'
import {resolveHome} from '../../lib/schema/home.js'

export default class RuntimeLogs extends BaseCommand {
  static override description = "show the runtime's own log\nOne JSON object a line; the logs of apps are in logs."
  static override flags = {
    num: integer({char: 'n', description: 'number of lines to display', default: 100, min: 0}),
    tail: boolean({char: 't', description: 'continue with lines as they come'}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(RuntimeLogs)
    const stop = new AbortController()
    process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort())
    const chunks = followFile(resolveHome(this.env).runtimeLog, {lines: flags.num, tail: flags.tail, signal: stop.signal})
    for await (const chunk of chunks) this.ui.options.stdout.write(chunk)
  }
}
