import {QueryCommand, queryArgs, queryFlags} from '../../lib/cli/query-command.js'

export default class PgVacuumStats extends QueryCommand {
  static override description = 'show when each table was vacuumed, and whether it is due'
  static override examples = ['<%= config.bin %> pg:vacuum-stats --app demo']
  static override args = queryArgs
  static override flags = queryFlags

  protected readonly query = `
    SELECT schemaname AS schema, stat.relname AS table, to_char(last_vacuum, 'YYYY-MM-DD HH24:MI') AS last_vacuum,
        to_char(last_autovacuum, 'YYYY-MM-DD HH24:MI') AS last_autovacuum, n_live_tup AS rowcount, n_dead_tup AS dead_rowcount,
        ceil(threshold) AS autovacuum_threshold, CASE WHEN n_dead_tup > threshold THEN 'yes' END AS expect_autovacuum
    FROM pg_stat_user_tables AS stat JOIN pg_class ON oid = relid, LATERAL (
        SELECT coalesce((SELECT option_value FROM pg_options_to_table(reloptions) WHERE option_name = 'autovacuum_vacuum_threshold')::float8,
            current_setting('autovacuum_vacuum_threshold')::float8)
          + coalesce((SELECT option_value FROM pg_options_to_table(reloptions) WHERE option_name = 'autovacuum_vacuum_scale_factor')::float8,
            current_setting('autovacuum_vacuum_scale_factor')::float8) * greatest(reltuples, 0) AS threshold) AS due
    ORDER BY n_dead_tup DESC`
}
