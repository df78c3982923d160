import {QueryCommand, queryArgs, queryFlags} from '../../lib/cli/query-command.js'

export default class PgUnusedIndexes extends QueryCommand {
  static override description = 'show indexes that are large and hardly used'
  static override examples = ['<%= config.bin %> pg:unused-indexes --app demo']
  static override args = queryArgs
  static override flags = queryFlags

  protected readonly query = `
    SELECT schemaname || '.' || relname AS table, indexrelname AS index, pg_size_pretty(pg_relation_size(indexrelid)) AS index_size,
        idx_scan AS index_scans
    FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid)
    WHERE NOT indisunique AND idx_scan < 50 AND pg_relation_size(relid) > 5 * 8192
    ORDER BY pg_relation_size(indexrelid) / nullif(idx_scan, 0) DESC NULLS FIRST, pg_relation_size(indexrelid) DESC`
}
