import {string as argument} from '@oclif/core/args'
import {boolean, integer, string} from '@oclif/core/flags'
import {appFlags} from '../../lib/cli/flags.js'
import {LogCommand} from '../../lib/cli/log-command.js'
import {parseMoment} from '../../lib/cli/moment.js'

export default class Papertrail extends LogCommand {
  static override description = `search the log of an app
A query is words and "phrases" that must all be in a line, in whatever case; OR, -word and parentheses make more of it, program:web looks at
who said it. Quote all of it, and put -- before one that begins with a minus.`
  static override usage = 'papertrail [QUERY]'
  static override aliases = ['pt:logs']
  static override examples = [
    '<%= config.bin %> papertrail error --app demo',
    `<%= config.bin %> papertrail --tail '(ssh OR cron) -"all is well"' --app demo`,
    "<%= config.bin %> papertrail --since 2h 'program:router status=5' --app demo",
  ]
  static override strict = false
  static override args = {query: argument({description: 'what to look for'})}
  static override flags = {
    ...appFlags,
    json: boolean({char: 'j', description: 'output each line as a JSON object: at, source, dyno, message'}),
    num: integer({char: 'n', description: 'number of lines to display [default: 100, with --since all]', min: 1, max: 1500}),
    since: string({description: 'only lines of this time and later ones'}),
    tail: boolean({char: 't', description: 'continually stream what comes'}),
  }

  async run(): Promise<void> {
    const {flags, argv} = await this.parse(Papertrail)
    const since = flags.since && parseMoment('since', flags.since, new Date()).toISOString()
    const {platform, app} = await this.target(flags)
    await platform.papertrail.searches(app)
    const query = (argv as string[]).join(' ')
    const request = {query, tail: flags.tail, ...(since && {since}), ...(flags.num !== undefined && {lines: flags.num})}
    await this.showLogs({platform, app}, request, {json: flags.json, forced: false})
  }
}
