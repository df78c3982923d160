import {boolean, integer, string} from '@oclif/core/flags'
import {usageError} from '../../lib/cli/command-error.js'
import {appFlags} from '../../lib/cli/flags.js'
import {LogCommand} from '../../lib/cli/log-command.js'
import {parseMoment} from '../../lib/cli/moment.js'
import type {LogSessionRequest} from '../../lib/client/log-sessions.js'

export default class Logs extends LogCommand {
  static override description = `display recent log output
--since and --until take how long ago (2h, 1h30m, 3 days), today, yesterday, a time of today (14:30) or an ISO time; without a zone it is
this machine's. With --since all lines from there on are shown, unless --num says how many of the newest. --grep takes a regular expression
(RE2 syntax) and looks at the line as it is shown. Colours are for terminals only; NO_COLOR turns them off, --force-colors on.`
  static override examples = [
    '<%= config.bin %> logs --app demo',
    '<%= config.bin %> logs --tail --process-type web --app demo',
    '<%= config.bin %> logs --num 50 --source heroku --app demo',
    '<%= config.bin %> logs --since 2h --grep "status=5\\d\\d" --app demo',
    '<%= config.bin %> logs --since 2026-11-22T14:00:00Z --until 2026-11-22T15:00:00Z --app demo',
  ]
  static override flags = {
    ...appFlags,
    'dyno-name': string({char: 'd', aliases: ['dyno'], description: 'only show output from this dyno (such as "web.1")'}),
    'force-colors': boolean({description: 'colour the output even when it is no terminal', exclusive: ['json']}),
    grep: string({char: 'g', description: 'only show lines that match this expression'}),
    'ignore-case': boolean({char: 'i', description: '--grep without regard to case', dependsOn: ['grep']}),
    json: boolean({char: 'j', description: 'output each line as a JSON object: at, source, dyno, message'}),
    num: integer({char: 'n', description: 'number of lines to display [default: 100, with --since all]', min: 1, max: 1500}),
    'process-type': string({char: 'p', aliases: ['ps'], description: 'only show output from this process type', exclusive: ['dyno-name']}),
    since: string({description: 'only show lines of this time and later ones'}),
    source: string({char: 's', description: 'only show output from this source (such as "app" or "heroku")'}),
    tail: boolean({char: 't', description: 'continually stream logs'}),
    until: string({description: 'only show lines before this time', exclusive: ['tail']}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Logs)
    const request = requestOf(flags, new Date())
    await this.showLogs(await this.target(flags), request, {json: flags.json, forced: flags['force-colors']})
  }
}

interface Asked {
  'dyno-name'?: string | undefined
  'process-type'?: string | undefined
  source?: string | undefined
  grep?: string | undefined
  'ignore-case': boolean
  num?: number | undefined
  since?: string | undefined
  until?: string | undefined
  tail: boolean
}

function requestOf(flags: Asked, now: Date): LogSessionRequest {
  const {source, 'dyno-name': dyno, 'process-type': type, grep, num: lines} = flags
  const [since, until] = (['since', 'until'] as const).map(flag => flags[flag] && parseMoment(flag, flags[flag], now).toISOString())
  if (since && until && since >= until) throw usageError(`--since ${flags.since} is not before --until ${flags.until}.`)
  const given = {source, dyno, type, lines, since, until, grep, ...(flags['ignore-case'] && {ignore_case: true})}
  const asked = Object.entries(given).filter(([, value]) => value !== undefined && value !== '')
  return {...Object.fromEntries(asked), tail: flags.tail}
}
