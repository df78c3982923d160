import {boolean, integer} from '@oclif/core/flags'
import {findDatabase, postgres} from '../../lib/cli/database.js'
import {queryArgs, queryFlags, StatementCommand} from '../../lib/cli/query-command.js'
import {statementQuery, statementSchema} from '../../lib/cli/statement-statistics.js'

export default class PgOutliers extends StatementCommand {
  static override description = 'show 10 queries that have longest execution time in aggregate'
  static override examples = ['<%= config.bin %> pg:outliers --num 20 --app demo', '<%= config.bin %> pg:outliers --reset --app demo']
  static override args = queryArgs
  static override flags = {
    ...queryFlags,
    num: integer({char: 'n', description: 'the number of queries to display', default: 10, min: 1}),
    reset: boolean({description: 'resets statistics gathered by pg_stat_statements'}),
    truncate: boolean({char: 't', description: 'truncate queries to 40 characters'}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgOutliers)
    const {num: limit, truncate} = flags
    if (flags.reset) return await this.reset(flags, args.database)
    await this.showStatements(flags, args.database, schema => statementQuery(schema, {order: 'total_exec_time', limit, truncate}))
  }

  private async reset(target: {app: string | undefined; remote: string | undefined}, name: string | undefined): Promise<void> {
    const {platform, app} = await this.target(target)
    const {addon} = await findDatabase(platform, app, name, postgres)
    await statementSchema(platform, addon.name)
    this.ui.log((await platform.data.resetStatements(addon.name)).message)
  }
}
