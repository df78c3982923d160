import {boolean} from '@oclif/core/flags'
import {queryArgs, queryFlags, SqlCommand} from '../../lib/cli/query-command.js'

const held = `
    FROM pg_stat_activity AS activity JOIN pg_locks AS held USING (pid) LEFT JOIN pg_class ON pg_class.oid = held.relation
    WHERE query <> '<insufficient privilege>' AND held.mode = 'ExclusiveLock' AND pid <> pg_backend_pid()
    ORDER BY query_start`

export default class PgLocks extends SqlCommand {
  static override description = 'display queries with active locks'
  static override examples = ['<%= config.bin %> pg:locks --app demo', '<%= config.bin %> pg:locks --truncate --app demo']
  static override args = queryArgs
  static override flags = {...queryFlags, truncate: boolean({char: 't', description: 'truncates queries to 40 characters'})}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgLocks)
    const snippet = flags.truncate ? `CASE WHEN length(query) <= 40 THEN query ELSE left(query, 39) || '…' END` : 'query'
    const columns = `pid, relname, transactionid, granted, ${snippet} AS query_snippet, age(now(), query_start) AS age`
    await this.show(flags, args.database, `SELECT ${columns}${held}`)
  }
}
