import {QueryCommand, queryArgs, queryFlags} from '../../lib/cli/query-command.js'

export default class PgCacheHit extends QueryCommand {
  static override description = 'show how often reads of tables and indexes were answered from memory'
  static override examples = ['<%= config.bin %> pg:cache-hit --app demo']
  static override args = queryArgs
  static override flags = queryFlags

  protected readonly query = `
    SELECT 'index hit rate' AS name, sum(idx_blks_hit) / nullif(sum(idx_blks_hit + idx_blks_read), 0) AS ratio FROM pg_statio_user_indexes
    UNION ALL
    SELECT 'table hit rate', sum(heap_blks_hit) / nullif(sum(heap_blks_hit + heap_blks_read), 0) FROM pg_statio_user_tables`
}
