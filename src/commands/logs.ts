import {boolean, integer, string} from '@oclif/core/flags'
import {BaseCommand} from '../lib/cli/base-command.js'
import {exitCodes} from '../lib/cli/command-error.js'
import {appFlags} from '../lib/cli/flags.js'
import {awaitRuntime, followLogs, printLines} from '../lib/cli/follow-logs.js'
import {colorizeLogLine} from '../lib/cli/formats/log-line.js'
import {logPaint} from '../lib/cli/log-paint.js'
import {untilUnwanted} from '../lib/cli/until-unwanted.js'

/** How long a tail waits for a runtime that restarts before it starts one, in milliseconds. */
const patience = 15_000

export default class Logs extends BaseCommand {
  static override description = `display recent log output
Colours are for terminals only; NO_COLOR turns them off, --force-colors on.`
  static override examples = [
    '<%= config.bin %> logs --app demo',
    '<%= config.bin %> logs --tail --process-type web --app demo',
    '<%= config.bin %> logs --num 50 --source heroku --app demo',
  ]
  static override flags = {
    ...appFlags,
    'dyno-name': string({char: 'd', aliases: ['dyno'], description: 'only show output from this dyno (such as "web.1")'}),
    'force-colors': boolean({description: 'colour the output even when it is no terminal'}),
    num: integer({char: 'n', description: 'number of lines to display', default: 100, min: 1, max: 1500}),
    'process-type': string({char: 'p', aliases: ['ps'], description: 'only show output from this process type', exclusive: ['dyno-name']}),
    source: string({char: 's', description: 'only show output from this source (such as "app" or "heroku")'}),
    tail: boolean({char: 't', description: 'continually stream logs'}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Logs)
    const {platform, app} = await this.target(flags)
    const {stdout} = this.ui.options
    const paint = await logPaint(stdout, this.env, {forced: flags['force-colors']})
    using unwanted = untilUnwanted(stdout)
    await followLogs({
      platform,
      app,
      request: {lines: flags.num, tail: flags.tail, ...filterOf(flags)},
      signal: unwanted.signal,
      print: lines => printLines(stdout, paint === undefined ? lines : lines.map(line => colorizeLogLine(line, paint)), unwanted.signal),
      reconnect: () => awaitRuntime(this.env, {signal: unwanted.signal, patience, start: () => this.connect()}),
    })
    if (unwanted.by() === 'interrupt') this.exit(exitCodes.interrupted)
  }
}

function filterOf(flags: {'dyno-name'?: string | undefined; 'process-type'?: string | undefined; source?: string | undefined}) {
  const {source, 'dyno-name': dyno, 'process-type': type} = flags
  return {...(source === undefined ? {} : {source}), ...(dyno === undefined ? {} : {dyno}), ...(type === undefined ? {} : {type})}
}
