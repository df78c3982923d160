import {boolean} from '@oclif/core/flags'
import {queryArgs, queryFlags, StatementCommand} from '../../lib/cli/query-command.js'
import {statementQuery} from '../../lib/cli/statement-statistics.js'

export default class PgCalls extends StatementCommand {
  static override description = 'show 10 queries that have highest frequency of execution'
  static override examples = ['<%= config.bin %> pg:calls --app demo', '<%= config.bin %> pg:calls --truncate --app demo']
  static override args = queryArgs
  static override flags = {...queryFlags, truncate: boolean({char: 't', description: 'truncate queries to 40 characters'})}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgCalls)
    const {truncate} = flags
    await this.showStatements(flags, args.database, schema => statementQuery(schema, {order: 'calls', limit: 10, truncate}))
  }
}
