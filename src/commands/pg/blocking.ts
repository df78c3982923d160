import {QueryCommand, queryArgs, queryFlags} from '../../lib/cli/query-command.js'

export default class PgBlocking extends QueryCommand {
  static override description = 'show queries that wait for locks, and which queries hold them'
  static override examples = ['<%= config.bin %> pg:blocking --app demo']
  static override args = queryArgs
  static override flags = queryFlags

  protected readonly query = `
    SELECT blocked.pid AS blocked_pid, blocking.query AS blocking_statement, age(now(), blocking.query_start) AS blocking_duration,
        blocking.pid AS blocking_pid, blocked.query AS blocked_statement, age(now(), blocked.query_start) AS blocked_duration
    FROM pg_stat_activity AS blocked, unnest(pg_blocking_pids(blocked.pid)) AS holder JOIN pg_stat_activity AS blocking ON blocking.pid = holder
    ORDER BY blocked.query_start`
}
