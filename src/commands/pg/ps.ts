import {boolean} from '@oclif/core/flags'
import {queryArgs, queryFlags, SqlCommand} from '../../lib/cli/query-command.js'

const statements = `
    SELECT pid, state, application_name AS source, usename AS username, age(now(), xact_start) AS running_for,
        xact_start AS transaction_start, wait_event IS NOT NULL AS waiting, query
    FROM pg_stat_activity
    WHERE query <> '<insufficient privilege>' AND pid <> pg_backend_pid()`

export default class PgPs extends SqlCommand {
  static override description = 'view active queries with execution time'
  static override examples = ['<%= config.bin %> pg:ps --app demo', '<%= config.bin %> pg:ps --verbose --app demo']
  static override args = queryArgs
  static override flags = {...queryFlags, verbose: boolean({char: 'v', description: 'idle connections too'})}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgPs)
    const which = flags.verbose ? '' : " AND state <> 'idle'"
    await this.show(flags, args.database, `${statements}${which} ORDER BY query_start DESC`)
  }
}
