import {QueryCommand, queryArgs, queryFlags} from '../../lib/cli/query-command.js'

export default class PgIndexUsage extends QueryCommand {
  static override description = 'show how many of the reads of each table used an index'
  static override examples = ['<%= config.bin %> pg:index-usage --app demo']
  static override args = queryArgs
  static override flags = queryFlags

  protected readonly query = `
    SELECT relname, CASE WHEN coalesce(idx_scan, 0) = 0 THEN 'Insufficient data' ELSE (100 * idx_scan / (seq_scan + idx_scan))::text END
        AS percent_of_times_index_used, n_live_tup AS rows_in_table
    FROM pg_stat_user_tables
    ORDER BY n_live_tup DESC`
}
