import {QueryCommand, queryArgs, queryFlags} from '../../lib/cli/query-command.js'

export default class PgTableSize extends QueryCommand {
  static override description = 'show the size of each table without its indexes'
  static override examples = ['<%= config.bin %> pg:table-size --app demo']
  static override args = queryArgs
  static override flags = queryFlags

  protected readonly query = `
    SELECT relname AS name, pg_size_pretty(pg_table_size(relid)) AS size FROM pg_stat_user_tables ORDER BY pg_table_size(relid) DESC`
}
