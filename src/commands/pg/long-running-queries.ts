import {QueryCommand, queryArgs, queryFlags} from '../../lib/cli/query-command.js'

export default class PgLongRunningQueries extends QueryCommand {
  static override description = 'show queries that have run for more than five minutes'
  static override examples = ['<%= config.bin %> pg:long-running-queries --app demo']
  static override args = queryArgs
  static override flags = queryFlags

  protected readonly query = `
    SELECT pid, now() - query_start AS duration, query
    FROM pg_stat_activity
    WHERE query <> '' AND state <> 'idle' AND now() - query_start > interval '5 minutes'
    ORDER BY query_start`
}
