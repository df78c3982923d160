import {QueryCommand, queryArgs, queryFlags} from '../../lib/cli/query-command.js'

export default class PgTableIndexesSize extends QueryCommand {
  static override description = 'show the total size of all the indexes on each table, descending by size'
  static override examples = ['<%= config.bin %> pg:table-indexes-size --app demo']
  static override args = queryArgs
  static override flags = queryFlags

  protected readonly query = `
    SELECT c.relname AS table,
      pg_size_pretty(pg_indexes_size(c.oid)) AS index_size
    FROM pg_class c
    LEFT JOIN pg_namespace n ON (n.oid = c.relnamespace)
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND n.nspname !~ '^pg_toast'
    AND c.relkind='r'
    ORDER BY pg_indexes_size(c.oid) DESC`
}
