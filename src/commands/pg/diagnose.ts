import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {findDatabase, postgres} from '../../lib/cli/database.js'
import {jsonFlags} from '../../lib/cli/flags.js'
import {queryArgs, queryFlags} from '../../lib/cli/query-command.js'
import type {Platform} from '../../lib/client/platform.js'
import type {DatabaseCheck, DatabaseReport} from '../../lib/schema/database-report.js'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export default class PgDiagnose extends BaseCommand {
  static override description = `run or view diagnostics report
If the id of a report is given instead of a database, that report is displayed; they are kept for one month.`
  static override examples = ['<%= config.bin %> pg:diagnose --app demo', '<%= config.bin %> pg:diagnose DATABASE_URL --app demo --json']
  static override enableJsonFlag = true
  static override args = {'database|report_id': queryArgs.database}
  static override flags = {...queryFlags, ...jsonFlags}

  async run(): Promise<DatabaseReport> {
    const {flags, args} = await this.parse(PgDiagnose)
    const {platform, app} = await this.target(flags)
    const named = args['database|report_id']
    const report = named !== undefined && uuid.test(named) ? await platform.data.report(named) : await this.examine(platform, app, named)
    if (!this.jsonEnabled()) await this.show(report)
    return report
  }

  private async examine(platform: Platform, app: string, named: string | undefined): Promise<DatabaseReport> {
    const {addon, configVars} = await findDatabase(platform, app, named, postgres)
    const database = configVars[0] as string
    const url = (await platform.configVars.list(app))[database]
    if (url === undefined) throw new CommandError(`${addon.name} is not there yet.`, {suggestions: [`hokku pg:wait --app ${app}`]})
    return await platform.data.diagnose({app, database, plan: addon.plan.name.split(':')[1] as string, url})
  }

  private async show({id, app, database, created_at, checks}: DatabaseReport): Promise<void> {
    this.ui.log(`Report ${id} for ${app}::${database}\navailable for one month after creation on ${created_at}\n`)
    for (const status of ['red', 'yellow', 'green', 'unknown'] as const)
      for (const check of checks.filter(one => one.status === status)) await this.showCheck(check)
  }

  private async showCheck({name, status, results}: DatabaseCheck): Promise<void> {
    const paint = {red: this.ui.out.failure, yellow: this.ui.out.warning, green: this.ui.out.name, unknown: (text: string) => text}[status]
    this.ui.log(paint(`${status.toUpperCase()}: ${name}`))
    if (status === 'green') return
    if (Array.isArray(results)) {
      const columns = Object.keys(results[0] ?? {}).map(key => [capitalized(key), (row: (typeof results)[0]) => String(row[key])])
      await this.ui.table(results, Object.fromEntries(columns))
    } else for (const [key, value] of Object.entries(results)) this.ui.log(`${key.split('_').map(capitalized).join(' ')} ${value}`)
  }
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
